import { randomUUID } from 'node:crypto';
import type { RejectionCode } from '@ringback/schemas';
import { expect } from 'vitest';
import type { InProcessPlatform } from './in-process-platform.ts';
import { waitFor } from './wait-for.ts';
import type { WsClient } from './ws-client.ts';

/** What holds for everything that is refused: a code, a sentence, maybe a field; nothing is written; the gateway lives on. */

export const unknownCall = '00-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';
export const command = (type: string, callId: string, data: object = {}) => ({ type, callId, data });
export const join = (callId: string, participantId: string = randomUUID(), more: object = {}) => ({
  ...command('call.join', callId, {
    participantId,
    instanceId: participantId,
    displayName: 'somebody',
    ...more,
  }),
});

export function refusals(platform: () => InProcessPlatform) {
  /** The reply must be this refusal, and the log must not have moved. */
  async function refused(
    client: WsClient,
    message: { type: string; [key: string]: unknown } | string,
    code: RejectionCode,
    field?: string | RegExp,
  ): Promise<void> {
    const before = (await platform().events()).length;
    const replies = client.of('reply').length;
    const id = randomUUID();
    if (typeof message === 'string') client.sendRaw(message);
    else client.send({ id, ...message });
    const reply = await waitFor(() => client.of('reply')[replies], `the refusal ${code}`);
    if (reply.ok) throw new Error('it was not refused');
    expect(reply.error).toMatchObject({ code });
    if (field instanceof RegExp) expect(reply.error.field).toMatch(field);
    else expect(reply.error.field).toBe(field);
    expect(reply.error.message).toMatch(/^\S.{8,}/);
    expect(reply.error.message).not.toMatch(/\bat .*:\d+:\d+/);
    expect(await platform().events()).toHaveLength(before);
  }

  /** It is in the telemetry of its call. */
  async function recorded(callId: string, type: string, code: RejectionCode): Promise<void> {
    await waitFor(
      () =>
        platform().telemetry.some(
          (event) =>
            event.type === 'call.command.rejected' &&
            event.subject === callId &&
            event.data.command === type &&
            event.data.rejection.code === code,
        ),
      `the refusal ${code} in telemetry`,
    );
  }

  /** The connection still works. */
  async function kept(client: WsClient): Promise<void> {
    const reply = await client.ask({ type: 'unwatch', callId: unknownCall });
    expect(reply).toMatchObject({ ok: true });
    expect(client.closed).toBeUndefined();
  }

  async function closedBy(client: WsClient, code: number): Promise<void> {
    const closed = await waitFor(() => client.closed, 'the close');
    expect(closed.code).toBe(code);
    await livesOn();
  }

  async function livesOn(): Promise<void> {
    const next = await platform().client(platform().token('next'));
    await kept(next);
    next.close();
  }

  return { refused, recorded, kept, closedBy, livesOn };
}
