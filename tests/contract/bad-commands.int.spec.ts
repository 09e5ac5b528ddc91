import { randomUUID } from 'node:crypto';
import { edgeLimits } from '@ringback/edge';
import { subjects, telemetryPageSchema, type TelemetryPage } from '@ringback/schemas';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InProcessPlatform } from '../support/in-process-platform.ts';
import { command, join, refusals, unknownCall } from '../support/refusals.ts';
import { waitFor } from '../support/wait-for.ts';
import { faultsOf } from '../support/ws-client.ts';

let platform: InProcessPlatform;
beforeAll(async () => void (platform = await InProcessPlatform.start()));
afterAll(() => platform.close());
const { refused, recorded, kept, livesOn } = refusals(() => platform);

describe('calls', () => {
  it('of another tenant: they do not exist', async () => {
    const callId = await platform.createCall(platform.token('host', 'default'));
    const { participantId } = await platform.join(callId, 'host');
    const admin = { roomJoin: true, roomAdmin: true, roomList: true };
    const token = platform.token('host', 'other', admin);
    const client = await platform.client(token);
    await refused(client, join(callId), 'call_unknown');
    await refused(client, join(callId, participantId), 'call_unknown');
    await refused(client, command('call.lock', callId), 'call_unknown');
    await refused(client, { type: 'watch', callId, after: 0 }, 'call_unknown');
    for (const type of ['call.join', 'call.lock', 'watch']) await recorded(callId, type, 'call_unknown');
    await kept(client);

    const ask = async (path: string) => {
      const response = await fetch(`${platform.url}/v1/calls${path}`, {
        headers: { authorization: `Bearer ${token}` },
      });
      return { status: response.status, text: await response.text() };
    };
    const foreign = await ask(`/${callId}`);
    expect(foreign).toMatchObject({ status: 404 });
    expect(foreign).toEqual(await ask(`/${unknownCall}`));
    expect(await ask(`/${callId}/events`)).toEqual(foreign);
    expect((await ask('')).text).not.toContain(callId);
    // Nothing of it was told.
    expect(JSON.stringify(client.heard)).not.toContain(participantId);
  });

  it('a token for one call opens no other', async () => {
    const mine = await platform.createCall(platform.token('host'));
    const other = await platform.createCall(platform.token('host'));
    const token = platform.token('guest', 'default', { roomJoin: true, room: mine });
    const client = await platform.client(token);
    await refused(client, join(other), 'not_permitted');
    await refused(client, { type: 'watch', callId: other, after: 0 }, 'not_permitted');
    await refused(client, join(unknownCall), 'not_permitted');
    await recorded(other, 'call.join', 'not_permitted');
    const response = await fetch(`${platform.url}/v1/calls/${other}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(403);
    expect(await client.ask(join(mine))).toMatchObject({ ok: true });
  });

  it('without the grant to join', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const client = await platform.client(platform.token('guest', 'default', { roomList: true }));
    await refused(client, join(callId), 'not_permitted');
    await recorded(callId, 'call.join', 'not_permitted');
  });

  it('a locked one', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host } = await platform.join(callId, 'host');
    await host.ask(command('call.lock', callId));
    const client = await platform.client(platform.token('guest'));
    await refused(client, join(callId), 'call_locked');
    await recorded(callId, 'call.join', 'call_locked');
    await kept(client);
  });

  it('an ended one', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host } = await platform.join(callId, 'host');
    await host.ask(command('call.end', callId));
    await refused(host, command('call.lock', callId), 'call_ended');
    await refused(host, join(callId), 'call_ended');
    await recorded(callId, 'call.join', 'call_ended');
  });

  it('one that never was, also in a partition that there is not', async () => {
    const client = await platform.client(platform.token('host'));
    await refused(client, join(unknownCall), 'call_unknown');
    await refused(client, join(unknownCall.replace(/^00/, '77')), 'call_unknown');
    await refused(client, { type: 'watch', callId: unknownCall, after: 0 }, 'call_unknown');
    await recorded(unknownCall, 'call.join', 'call_unknown');
    await kept(client);
  });

  it('one that one is not in', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { participantId } = await platform.join(callId, 'host');
    const client = await platform.client(platform.token('guest'));
    await refused(client, command('call.leave', callId), 'not_in_call');
    await refused(client, { type: 'watch', callId, after: 0 }, 'not_permitted');
    // Nor as somebody else.
    await refused(client, join(callId, participantId), 'participant_taken', 'data.participantId');
    await recorded(callId, 'call.leave', 'not_in_call');
  });

  it('offers to nobody', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host, participantId } = await platform.join(callId, 'host');
    const { client: guest, participantId: left } = await platform.join(callId, 'guest');
    await guest.ask(command('call.leave', callId));
    const offer = (to: string) => command('call.offer', callId, { to, connectionId: 'ab', sdp: 'v=0\r\n' });
    await refused(host, offer(left), 'peer_left', 'data.to');
    await refused(host, offer(randomUUID()), 'peer_unknown', 'data.to');
    await refused(host, offer(participantId), 'peer_is_self', 'data.to');
    await recorded(callId, 'call.offer', 'peer_left');
    await kept(host);
  });

  it('a session that was replaced', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const second = await platform.createCall(platform.token('host'));
    const { client: old, participantId } = await platform.join(callId, 'host');
    // In a second call too, so that the socket is still of use when it is out of the first.
    await old.ask(join(second));
    const fresh = await platform.client(platform.token('host'));
    const anotherPage = { instanceId: randomUUID() };
    expect(await fresh.ask(join(callId, participantId, anotherPage))).toMatchObject({ ok: true });
    await waitFor(
      () => old.deliveries(callId).some((d) => d.event.type === 'call.participant.reconnected'),
      'the news',
    );
    await refused(old, command('call.lock', callId), 'not_in_call');
    await kept(old);
    await old.ask(command('call.leave', second));
    expect(await fresh.ask(command('call.lock', callId))).toMatchObject({ ok: true });
  });

  it('a place in the call that there is not: a snapshot, and the others are undisturbed', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const far = await platform.client(platform.token('guest'));
    // The first at this gateway: nobody else's place stands against it.
    await far.ask({ ...join(callId), after: 1_000_000_000 });
    await waitFor(() => far.of('snapshot')[0], 'the snapshot');
    expect(far.of('snapshot')).toMatchObject([{ resync: true, seq: 2 }]);
    const { client: host } = await platform.join(callId, 'host');
    await host.ask(command('call.lock', callId));
    for (const client of [far, host])
      await waitFor(() => client.deliveries(callId).at(-1)?.event.type === 'call.locked', 'the lock');
    expect(faultsOf(far.deliveries(callId), 2)).toEqual([]);
  });

  it('a second participant on the same session', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const client = await platform.client(platform.token('host'));
    const [first, second] = [randomUUID(), randomUUID()];
    client.send({ id: first, ...join(callId) });
    client.send({ id: second, ...join(callId) });
    expect(await client.reply(first)).toMatchObject({ ok: true });
    expect(await client.reply(second)).toMatchObject({
      ok: false,
      error: { code: 'invalid', field: 'data.participantId' },
    });
    expect((await platform.events()).filter((e) => e.subject === callId)).toHaveLength(2);
  });

  it('joining again on the same socket: every event once, and the gateway outlives the socket', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host } = await platform.join(callId, 'host');
    const { client: guest, participantId } = await platform.join(callId, 'guest');
    const again = await guest.ask({ ...join(callId, participantId), after: 3 });
    expect(again).toMatchObject({ ok: true, seq: 3 });
    await host.ask(command('call.lock', callId));
    const locks = () => guest.deliveries(callId).filter((d) => d.event.type === 'call.locked');
    await waitFor(() => locks().length > 0, 'the lock');
    await host.ask(command('call.unlock', callId));
    await waitFor(() => guest.deliveries(callId).at(-1)?.event.type === 'call.unlocked', 'the unlock');
    expect(locks()).toHaveLength(1);
    guest.close();
    await waitFor(
      () => host.deliveries(callId).some((d) => d.event.type === 'call.participant.disconnected'),
      'the news that guest is gone',
    );
    await host.ask(command('call.lock', callId));
    await livesOn();
  });

  const size = { [randomUUID()]: { width: 640, height: 360 } };
  const tiles = (callId: string) => ({ type: 'tiles', callId, tiles: size });
  const sample = { leg: 'send', connectionState: 'connected', bitrateOut: 280_000 };
  const quality = { kind: 'quality', samples: [sample] };
  const report = (callId: string, value: object = quality) => ({ type: 'report', callId, report: value });

  it('sizes, reports and media of one that one is not in, or not any more', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host } = await platform.join(callId, 'host');
    const { client: left } = await platform.join(callId, 'guest');
    await left.ask(command('call.leave', callId));
    await waitFor(
      () => left.deliveries(callId).some((d) => d.event.type === 'call.participant.left'),
      'the end',
    );
    const watching = await platform.client(platform.token('host'));
    await watching.ask({ type: 'watch', callId, after: 0 });
    const said: unknown[] = [];
    const stop = platform.bus.subscribe(subjects.media(callId), (message) => said.push(message));
    const rtpParameters = {
      codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
      encodings: [{}],
    };
    for (const client of [left, watching])
      for (const message of [
        tiles(callId),
        report(callId),
        command('call.transport', callId, { direction: 'send', epoch: 1, state: 'failed' }),
        command('call.produce', callId, {
          epoch: 1,
          producers: [{ producerId: randomUUID(), trackId: 'camera', rtpParameters }],
        }),
        command('call.swapped', callId, { epoch: 1 }),
        command('call.bandwidth', callId, { decision: 'video', samples: {} }),
        command('call.raise-hand', callId),
        command('call.lower-hand', callId),
        command('call.mute-participant', callId, { participantId: randomUUID(), trackId: 'camera' }),
        command('call.remove', callId, { participantId: randomUUID() }),
      ])
        await refused(client, message, 'not_in_call');
    await recorded(callId, 'tiles', 'not_in_call');
    expect(said).toEqual([]);
    stop();
    expect(await host.ask(tiles(callId))).toMatchObject({ ok: true });
  });

  it('sizes and reports reach the Call Server, reports telemetry; too many are refused and go nowhere', async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client, participantId } = await platform.join(callId, 'host');
    const { sessionId } = client.of('connected')[0]!;
    const said: unknown[] = [];
    const stop = platform.bus.subscribe(subjects.media(callId), (message) => said.push(message));
    const before = (await platform.events()).length;
    expect(await client.ask(tiles(callId))).toMatchObject({ ok: true, callId, seq: 2 });
    const marks = { token: 12, firstFrame: 412 };
    await client.ask(report(callId, { kind: 'join', route: 'p2p', marks }));
    await client.ask(report(callId));
    const from = { callId, participantId, sessionId };
    expect(said).toEqual([
      { ...from, tiles: size },
      { ...from, samples: [sample] },
    ]);
    for (const [message, burst] of [
      [tiles(callId), edgeLimits.tilesBurst],
      [report(callId), edgeLimits.reportsBurst],
    ] as const) {
      const heard = client.of('reply').length;
      for (let n = 0; n < 3 * burst; n++) client.send({ id: randomUUID(), ...message });
      const replies = await waitFor(() => {
        const all = client.of('reply').slice(heard);
        return all.length === 3 * burst ? all : undefined;
      }, 'all replies');
      expect(replies.findLast((r) => !r.ok)).toMatchObject({ error: { code: 'rate_limited' } });
    }
    stop();
    await kept(client);
    expect(await platform.events()).toHaveLength(before);
    const reports = () =>
      platform.telemetry.filter((e) => e.subject === callId && e.type === 'call.client.reported');
    await waitFor(() => reports().length >= 2, 'the reports in telemetry');
    expect(reports()[0]).toMatchObject({ data: { participantId, report: { kind: 'join', marks } } });

    const ask = async (query: string, user = 'host') => {
      const response = await fetch(`${platform.url}/v1/calls/${callId}/telemetry${query}`, {
        headers: { authorization: `Bearer ${platform.token(user)}` },
      });
      return { status: response.status, body: (await response.json()) as TelemetryPage };
    };
    const page = await ask('');
    expect(telemetryPageSchema.parse(page.body)).toMatchObject({ callId, more: false });
    expect(page.body.telemetry).toMatchObject([{ data: { report: { kind: 'join' } } }]);
    const first = await ask('?samples=true&limit=1');
    expect(first.body).toMatchObject({ more: true, telemetry: [{ data: { report: { kind: 'join' } } }] });
    const second = await ask(`?samples=true&limit=1&after=${first.body.next}`);
    expect(second.body.telemetry).toMatchObject([{ data: { report: { kind: 'quality' } } }]);
    expect(await ask('', 'guest')).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
    expect(await ask('?after=x')).toMatchObject({ status: 400, body: { code: 'invalid', field: 'after' } });
    expect(await ask('?limit=0')).toMatchObject({ status: 400, body: { code: 'invalid', field: 'limit' } });
  });

  it("what only a host may do, and only to others' tracks and hands that are there", async () => {
    const callId = await platform.createCall(platform.token('host'));
    const { client: host, participantId: hostId } = await platform.join(callId, 'host');
    const { client: guest, participantId: guestId } = await platform.join(callId, 'guest');
    const mute = (participantId: string) =>
      command('call.mute-participant', callId, { participantId, trackId: 'camera' });
    const remove = (participantId: string) => command('call.remove', callId, { participantId });
    const lower = (participantId: string) => command('call.lower-hand', callId, { participantId });
    for (const message of [mute(hostId), remove(hostId), lower(hostId)])
      await refused(guest, message, 'not_host');
    const nobody = randomUUID();
    for (const message of [mute(nobody), remove(nobody), lower(nobody)])
      await refused(host, message, 'participant_unknown', 'data.participantId');
    await refused(host, mute(guestId), 'track_unknown', 'data.trackId');
    await refused(host, remove(hostId), 'target_is_host', 'data.participantId');
    await refused(
      host,
      command('call.produce', callId, {
        epoch: 1,
        producers: [
          {
            producerId: randomUUID(),
            trackId: 'camera',
            rtpParameters: {
              codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000 }],
              encodings: [{}],
            },
          },
        ],
      }),
      'route_stale',
      'data.epoch',
    );
    expect(await host.ask(remove(guestId))).toMatchObject({ ok: true });
    await waitFor(
      () => guest.deliveries(callId).some((d) => d.event.type === 'call.participant.left'),
      'the news',
    );
    await refused(guest, join(callId, guestId), 'removed');
    await refused(guest, join(callId), 'removed');
    await refused(guest, tiles(callId), 'not_in_call');
    await recorded(callId, 'call.join', 'removed');
    await kept(guest);
  });
});
