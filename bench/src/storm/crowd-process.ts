// The people's process: what they cost is none of the gateways'.

import type { Tenant } from '../action/crowd.ts';
import { serveAsks } from '../processes.ts';
import { Crowd } from './crowd.ts';

let crowd: Crowd | undefined;

const handlers = {
  join: async ({ url, calls, tenant }: { url: string; calls: number; tenant: Tenant }) => {
    crowd = await Crowd.join(url, calls, tenant);
  },
  act: (perSecond: number) => crowd!.act(perSecond),
  storm: (pid: number) => crowd!.storm(pid),
  end: () => crowd!.end(),
};
export type CrowdAsks = typeof handlers;

serveAsks(handlers);
