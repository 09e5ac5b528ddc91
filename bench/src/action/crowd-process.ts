// The load's process: its CPU time is none of the server's.

import { serveAsks } from '../processes.ts';
import { Crowd, type Tenant, type WindowRequest } from './crowd.ts';

let crowd: Crowd | undefined;

const handlers = {
  joinCalls: async ({ url, calls, tenant }: { url: string; calls: number; tenant: Tenant }) => {
    crowd = new Crowd(true);
    await crowd.joinCalls(url, calls, tenant);
  },
  joinRooms: async ({ url, calls }: { url: string; calls: number }) => {
    crowd = new Crowd(false);
    await crowd.joinRooms(url, calls);
  },
  window: (request: WindowRequest) => crowd!.window(request),
  sample: () => crowd!.sample,
};
export type CrowdAsks = typeof handlers;

serveAsks(handlers);
