import { RingbackClient, type Call } from '@ringback/sdk';
import { IdentityKeeper } from './session/identity.ts';

export const keeper = new IdentityKeeper({
  create: (displayName) => RingbackClient.createGuest(displayName),
  renew: (token) => RingbackClient.renewGuest(token),
});

/** A handle for the browser's console: the client in use, and the call one is in. Nothing here depends on it. */
interface DebuggingHandle {
  client: RingbackClient;
  call: Call | undefined;
}
declare global {
  interface Window {
    ringback: DebuggingHandle;
  }
}

const makeClient = () => new RingbackClient({ token: (request) => keeper.token(request) });

/** The page's client. One that was told not to come back is replaced: the person may want to try again. */
export function platform(): RingbackClient {
  const handle = (window.ringback ??= { client: makeClient(), call: undefined });
  if (handle.client.status === 'closed') handle.client = makeClient();
  return handle.client;
}

let leaving: Promise<unknown> = Promise.resolve();

/** Leaves while the page goes on; the same call can be followed again only when that is done. */
export function leaveBehind(call: Call): void {
  if (window.ringback.call === call) window.ringback.call = undefined;
  leaving = call.leave();
}

/** When calls that were left are let go. */
export const callsLetGo = () => leaving;
