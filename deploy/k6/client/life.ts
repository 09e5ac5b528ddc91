import { check } from 'k6';
import { createCall, findInList, readTimeline, tokenFor } from './api.ts';
import { Call, sleep, type Person } from './call.ts';
import { peoplePerCall } from './settings.ts';

export interface Life {
  /** How long the people stay, once they are in. Milliseconds. */
  readonly forMs: number;
  /** Between two actions in the call. Milliseconds. */
  readonly actEveryMs: number;
  /** When all of them lose their sockets at once. Milliseconds since 1970. */
  readonly dropsAtMs?: readonly number[];
}

const microphone = { trackId: 'microphone', kind: 'audio', source: 'microphone', muted: false } as const;

/** One call from its making to its end: people join, mute and unmute in turn, read what happened, leave. */
export async function liveCall({ forMs, actEveryMs, dropsAtMs = [] }: Life): Promise<void> {
  const users = Array.from({ length: peoplePerCall }, () => `load-${crypto.randomUUID()}`);
  const hostToken = tokenFor(users[0]!);
  const call = new Call(createCall(hostToken));
  for (const [n, user] of users.entries()) call.person(n === 0 ? 'Host' : `Guest ${n}`, tokenFor(user));
  try {
    const [host, ...guests] = call.people as [Person, ...Person[]];
    if (!(await works('joined', () => host.join()))) return;
    const joined = await Promise.all(guests.map((guest) => works('joined', () => guest.join())));
    if (joined.includes(false)) return;
    const published = call.people.map((person) =>
      works('published', () => person.say('call.publish', { track: microphone })),
    );
    await Promise.all(published);
    const ends = Date.now() + forMs;
    const drops = dropsAtMs.map((at) => dropAll(call, at));
    await muteInTurn(call, actEveryMs, ends);
    await Promise.all(drops);
    await finish(call, hostToken);
  } finally {
    for (const person of call.people) person.close();
  }
}

/** Sent when they are due, whatever became of the ones before. */
async function muteInTurn({ people }: Call, everyMs: number, untilMs: number): Promise<void> {
  const asked: Promise<boolean>[] = [];
  for (let n = 0, due = Date.now() + everyMs; due < untilMs; n++, due += everyMs) {
    await sleep(Math.max(0, due - Date.now()));
    const isMute = Math.floor(n / people.length) % 2 === 0;
    const person = people[n % people.length]!;
    asked.push(
      works('acted', () => person.say(isMute ? 'call.mute' : 'call.unmute', { trackId: microphone.trackId })),
    );
  }
  await Promise.all(asked);
}

async function dropAll({ people }: Call, atMs: number): Promise<void> {
  await sleep(Math.max(0, atMs - Date.now()));
  await Promise.all(people.map((person) => works('came back', () => person.dropAndReturn())));
}

/** Everybody must have everything up to a last event; the log has it too, and the list knows the call. */
async function finish(call: Call, hostToken: string): Promise<void> {
  const [host, ...guests] = call.people as [Person, ...Person[]];
  let seq = 0;
  const asked = await works('acted', async () => {
    ({ seq } = await host.say('call.raise-hand', {}));
  });
  if (!asked) return;
  check(await call.everybodyHas(seq), { 'everybody got everything': (all) => all });
  readTimeline(hostToken, call.callId, seq);
  findInList(hostToken, call.callId, seq);
  await Promise.all(guests.map((guest) => works('left', () => guest.leave())));
  await works('left', () => host.leave());
}

/** What goes wrong is a check that failed, with its reason in k6's log, and not the end of the script. */
async function works(name: string, act: () => Promise<unknown>): Promise<boolean> {
  let fault = '';
  try {
    await act();
  } catch (error) {
    fault = String(error);
    console.error(`${name}: ${fault}`);
  }
  return check(fault, { [name]: (why) => why === '' });
}
