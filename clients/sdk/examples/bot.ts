/**
 * A bot that greets. It joins a call by its link, waves (raises a hand for a moment) to everybody who comes, waves back
 * to who raises a hand, tells what happens, and leaves on Ctrl-C or SIGTERM.
 *
 *   node clients/sdk/examples/bot.ts http://localhost:8080/c/<callId> [name]
 *
 * It is a guest, or who `RINGBACK_TOKEN` says.
 */
import { RingbackClient, type RingbackError, type TokenRequest } from '@ringback/sdk';

const [link = '', displayName = 'Bot'] = process.argv.slice(2);
const [, url, callId] = /^(https?:\/\/[^/]+)\/c\/([0-9a-f-]{39})$/.exec(link) ?? [];
if (url === undefined || callId === undefined) {
  console.error('Usage: node bot.ts http://localhost:8080/c/<callId> [name]');
  process.exit(2);
}

const client = new RingbackClient({ url, token: process.env.RINGBACK_TOKEN ?? (await guestTokens(url)) });
client.on('token-expiring', ({ leftMs, error }) =>
  console.error(`The token ends in ${leftMs} ms: ${error?.message ?? 'it can not be renewed.'}`),
);

const call = client.join(callId, { displayName });
call.on('participant-joined', ({ participantId, displayName: name }) => {
  if (participantId === call.participantId) return;
  console.log(`Hello, ${name}!`);
  wave();
});
call.on('participant-left', ({ displayName: name }) => console.log(`Goodbye, ${name}.`));
call.on('event', ({ sequence, type }) => console.log(`${sequence} ${type}`));
call.on('event', (event) => {
  if (event.type === 'call.hand.raised' && event.data.participantId !== call.participantId) wave();
});
call.on('ended', ({ reason, error }) => {
  console.log(`Out of the call (${reason}). ${error?.message ?? ''}`);
  if (reason === 'refused') process.exitCode = 1;
  void tellStory();
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void call.leave());

/** Commands are kept while the connection is away, at most half a minute; what is refused or too late is no disaster. */
function wave(): void {
  const failed = (error: RingbackError) => console.error(`No wave: ${error.message}`);
  call.raiseHand().catch(failed);
  setTimeout(() => {
    if (call.status !== 'ended') call.lowerHand().catch(failed);
  }, 1_000);
}

/** Who took part may read all of it, afterwards too. */
async function tellStory(): Promise<void> {
  try {
    const timeline = client.timeline(callId!);
    await timeline.read();
    const people = Object.keys(timeline.stateAfter(timeline.events.length)?.participants ?? {}).length;
    console.log(`There were ${timeline.events.length} events and ${people} people.`);
  } catch (error) {
    console.error((error as RingbackError).message);
  }
  client.close();
}

/** A guest that stays the same one for as long as the bot runs. */
async function guestTokens(origin: string): Promise<(request: TokenRequest) => Promise<string>> {
  let guest = await RingbackClient.createGuest(displayName, { url: origin });
  return async ({ refused, expiring }) => {
    if (refused !== undefined) guest = await RingbackClient.createGuest(displayName, { url: origin });
    else if (expiring === true) guest = await RingbackClient.renewGuest(guest.token, { url: origin });
    return guest.token;
  };
}
