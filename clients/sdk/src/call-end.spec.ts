import { describe, expect, it } from 'vitest';
import { sdkLimits } from './limits.ts';
import { joining, inCall, nextSocket, endedReason, codeOf } from './testing/call-stage.ts';
import { settle } from './testing/fake-clock.ts';
import { host, guest, callId, delivery, event, ok, refused, uuid } from './testing/fake-gateway.ts';

describe('the end', () => {
  it('comes with the reason of the call, and replies still arrive', async () => {
    const { socket, call, seen } = await inCall();
    const end = call.end();
    socket.deliver(
      delivery(event(3, 'call.participant.left', { participantId: host, reason: 'call-ended' })),
      delivery(event(4, 'call.ended', { reason: 'host', by: host })),
      ok(socket.last('call.end').id, 4),
    );
    expect([await end, call.state?.status, seen.names.at(-1)]).toEqual([{ seq: 4 }, 'ended', 'ended: host']);
    expect(await codeOf(call.lock())).toBe('call_ended');
  });

  it('comes when somebody takes our place from another page', async () => {
    const { socket, call } = await inCall();
    const end = endedReason(call);
    const other = { participantId: host, instanceId: uuid(299), sessionId: uuid(9_009), gateway: 'edge-1' };
    socket.deliver(delivery(event(3, 'call.participant.reconnected', other)));
    expect(await end).toBe('replaced');
  });

  it('comes when the session is replaced', async () => {
    const { socket, call } = await inCall();
    const end = endedReason(call);
    socket.fail(4003);
    expect([await end, call.status]).toEqual(['replaced', 'ended']);
  });

  it('comes by leaving, answered or not, and leaves no timer', async () => {
    const { socket, call, client, clock } = await inCall();
    const lock = codeOf(call.lock());
    const left = call.leave();
    expect(socket.all('call.leave')).toHaveLength(1);
    await clock.pass(sdkLimits.leaveMsMax);
    await left;
    expect([call.status, await lock]).toEqual(['ended', 'call_ended']);
    client.close();
    expect(clock.timers).toBe(0);
  });

  it('leaves nobody behind: a join whose reply comes after leaving is undone', async () => {
    const { socket, call, clock } = await joining();
    const left = call.leave();
    await clock.pass(sdkLimits.leaveMsMax);
    await left;
    expect([call.status, socket.all('call.leave').length]).toEqual(['ended', 0]);
    socket.deliver(ok(socket.last('call.join').id, 2));
    await settle();
    expect(socket.all('call.leave')).toHaveLength(1);
  });

  it('undoes no join but its own: who is back by then stays', async () => {
    const { socket, call, client, clock } = await joining();
    const left = call.leave();
    await clock.pass(sdkLimits.leaveMsMax);
    await left;
    const [first] = socket.all('call.join');
    const again = client.join(callId, { displayName: 'Host', participantId: host, instanceId: uuid(203) });
    socket.deliver(ok(first!.id, 2), ok(socket.last('call.join').id, 3));
    await settle();
    expect([again.status, socket.all('call.leave').length]).toEqual(['joining', 0]);
  });

  it('repeats no join that another one of the same call has followed', async () => {
    const { socket, call, client, clock } = await joining();
    const left = call.leave();
    await clock.pass(sdkLimits.leaveMsMax);
    await left;
    client.join(callId, { displayName: 'Host', participantId: host, instanceId: uuid(203) });
    const [first, second] = socket.all('call.join');
    socket.deliver(refused(first!.id, 'unknown_outcome'), refused(second!.id, 'unknown_outcome'));
    await clock.pass(sdkLimits.backoffMsMin);
    expect(socket.all('call.join').map(({ id }) => id)).toEqual([first, second, second].map((j) => j!.id));
  });

  it('leaves nobody behind: what was missed may be late, leaving is not', async () => {
    const { socket, call, clock } = await joining();
    socket.deliver(ok(socket.last('call.join').id, 2));
    const left = call.leave();
    await clock.pass(sdkLimits.leaveMsMax);
    await left;
    expect(socket.all('call.leave')).toHaveLength(1);
  });

  it('comes when a host removes us, be it while we are away', async () => {
    const here = await inCall();
    const end = endedReason(here.call);
    const removed = { participantId: host, reason: 'removed' as const, by: guest };
    here.socket.deliver(delivery(event(3, 'call.participant.left', removed)));
    expect(await end).toBe('removed');
    const away = await inCall();
    const socket = await nextSocket(away, away.socket);
    const laterEnd = endedReason(away.call);
    socket.deliver(refused(socket.last('call.join').id, 'removed'));
    expect(await laterEnd).toBe('removed');
  });

  it('does not come when we were only thought lost: we join again', async () => {
    const { socket, call } = await inCall();
    const lost = { participantId: host, sessionId: uuid(9_001), reason: 'gateway-lost' as const };
    const graceUntil = '2027-01-15T08:00:30.000Z';
    socket.deliver(delivery(event(3, 'call.participant.disconnected', { ...lost, graceUntil })));
    expect([call.status, socket.last('call.join').after]).toEqual(['rejoining', 3]);
  });
});
