import { connectNats } from '@ringback/runtime';
import { serveAsks } from '../processes.ts';
import { Load, type WindowRequest } from './load.ts';

let load: Load | undefined;

const handlers = {
  connect: async ({ url, password, partitions }: { url: string; password: string; partitions: number }) => {
    const nc = await connectNats({ url, user: 'edge', password, name: 'load' });
    load = new Load(nc, partitions);
    return load.owned();
  },
  open: ({ calls, people }: { calls: number; people: number }) => load!.open(calls, people),
  saturate: (request: WindowRequest) => load!.saturate(request),
  pace: (request: WindowRequest & { perSecond: number }) => load!.pace(request),
  write: ({ actions, every }: { actions: number; every: number }) => load!.write(actions, every),
  idOf: (call: number) => load!.idOf(call),
};
export type LoadAsks = typeof handlers;

serveAsks(handlers);
