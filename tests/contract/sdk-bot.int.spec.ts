import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { waitFor } from '../support/wait-for.ts';

const bot = join(import.meta.dirname, '../../clients/sdk/examples/bot.ts');

let platform: InProcessPlatform;
const children: ChildProcess[] = [];
beforeAll(async () => void (platform = await InProcessPlatform.start()));
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await platform.close();
});

function start(...args: string[]) {
  const child = spawn(process.execPath, [bot, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const started = { child, output: '', code: undefined as number | null | undefined };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => (started.output += String(text)));
  child.on('exit', (code) => (started.code = code));
  return started;
}

describe('the example bot', () => {
  it('joins by a link, greets who is there and who comes, waves back, and leaves on SIGTERM', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host } = await platform.join(callId, 'host');
    const running = start(`${platform.url}/c/${callId}`, 'Greeter');
    const facts = () => host.deliveries(callId).map(({ event }) => event);
    const joined = await waitFor(
      () => facts().find((event) => event.type === 'call.participant.joined'),
      `the bot to join: ${running.output}`,
    );
    expect(joined.data).toMatchObject({ displayName: 'Greeter', guest: true });
    const waves = () => facts().filter(({ type }) => type === 'call.hand.lowered').length;
    await waitFor(() => waves() === 1, 'the wave to who was there');
    await platform.join(callId, 'guest');
    await waitFor(() => waves() === 2, 'the wave to who came');
    await host.ask({ type: 'call.raise-hand', callId, data: {} });
    await waitFor(() => waves() === 3, 'the wave back');
    expect(running.output).toMatch(/Hello, host!(.|\n)*Hello, guest!/);
    running.child.kill('SIGTERM');
    const left = await waitFor(
      () => facts().find((event) => event.type === 'call.participant.left'),
      'the bot to leave',
    );
    expect(left.data).toMatchObject({ participantId: joined.data.participantId, reason: 'left' });
    await waitFor(() => running.code !== undefined, 'the bot to end');
    expect([running.code, running.output]).toEqual([
      0,
      expect.stringMatching(/There were \d+ events and 3 people/),
    ]);
  });

  it('that may not join says why, and ends', async () => {
    const callId = await platform.createCall(platform.token('host'), { guestsAllowed: false });
    const running = start(`${platform.url}/c/${callId}`);
    await waitFor(() => running.code !== undefined, 'the bot to end');
    expect([running.code, running.output]).toEqual([1, expect.stringContaining('Out of the call (refused)')]);
  });

  it('without a link says how to start it', async () => {
    const running = start('nowhere');
    await waitFor(() => running.code !== undefined, 'the bot to end');
    expect([running.code, running.output]).toEqual([2, expect.stringContaining('Usage:')]);
  });
});
