import type { Media } from '@ringback/media';
import { commandSchema, limits, type Capabilities, type Command } from '@ringback/schemas';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DeafBus, PlainEdge, SignallingPerson, startCallServer } from '../support/call-server.ts';
import { cameraRtp, chromium, microphoneRtp } from '../support/chromium-media.ts';
import { MortalWorker, natsStage, type Stage } from '../support/stage.ts';
import { waitFor } from '../support/wait-for.ts';

/**
 * The whole path of a call's media but the packets: owner, log, Call Server, mediasoup. What is there is read from
 * mediasoup's own dumps; `[L…]` are the rows of docs/lifecycle.md.
 */
describe('the Call Server', () => {
  let stage: Stage;
  const owners: MortalWorker[] = [];
  let edge: PlainEdge;
  let bus: DeafBus;
  let media: Media;
  let callId: string;
  let people: SignallingPerson[] = [];
  const said: Command[] = [];

  beforeAll(async () => {
    stage = await natsStage();
    owners.push(await MortalWorker.start(stage));
    const observer = await stage.newBus();
    observer.subscribe('cmd.*', (message) => {
      const { gateway, commands } = message as { gateway: string; commands: { command: Command }[] };
      if (gateway === 'media-1') said.push(...commands.map(({ command }) => command));
    });
    edge = new PlainEdge(await stage.newBus());
    bus = new DeafBus(await stage.newBus());
    media = await startCallServer(stage, 'media-1', 2, bus);
    await waitFor(() => edge.link.owned(0).every(Boolean), 'an owner');
  });
  afterAll(async () => {
    await media.stop();
    edge.link.stop();
    for (const owner of owners) await owner.stop();
    await stage.close();
  });
  afterEach(async () => {
    // Whatever a test did: when its call is over nothing of it is left anywhere.
    const view = await edge.view(callId);
    const host = Object.values(view.participants).find((p) => p.presence !== 'left');
    if (view.status === 'open' && host !== undefined) {
      const { userId, participantId, sessionId } = host;
      await edge.ask(callId, 'call.end', {}, userId, { participantId, sessionId });
    }
    await waitFor(() => media.callIds().length === 0, 'the call to be gone');
    await waitFor(async () => (await media.routers()).every((count) => count === 0), 'no router to be left');
  });

  const join = async (...capabilities: (Capabilities | undefined)[]) => {
    callId = await edge.createCall();
    people = [];
    for (const each of capabilities) people.push(await new SignallingPerson(edge, callId, each).join());
    return people as [SignallingPerson, SignallingPerson, SignallingPerson];
  };
  const three = () => join(chromium, chromium, chromium);
  const graph = async () => {
    const router = (await media.dump(callId))?.router;
    return [
      router?.transportIds.length ?? 0,
      router?.mapProducerIdConsumerIds.length ?? 0,
      router?.mapConsumerIdProducerId.length ?? 0,
    ];
  };
  const becomes = async (...wanted: [transports: number, producers: number, consumers: number]) => {
    let last: number[] = [];
    await waitFor(async () => {
      last = await graph();
      return last.join() === wanted.join();
    }, `${wanted.join()} transports, producers, consumers`).catch((error: unknown) => {
      throw new Error(`there are ${last.join()}`, { cause: error });
    });
  };
  const route = async () => (await edge.view(callId)).route;
  const swap = async () => {
    const epoch = (await route())!.epoch;
    for (const person of people) await person.ask('call.swapped', { epoch });
  };

  it('joins three with one event each, and connects everybody with everybody', async () => {
    const [a, b, c] = await three();
    for (const person of people) {
      const { send, recv } = await person.transports();
      expect(send.iceCandidates.map((x) => x.protocol).sort()).toEqual(['tcp', 'udp']);
      expect(send.dtlsParameters.fingerprints.length).toBeGreaterThan(0);
      expect(recv.id).not.toBe(send.id);
    }
    await a.produce(microphoneRtp, 'microphone');
    const camera = await a.produce(cameraRtp);
    await b.produce(cameraRtp);
    await becomes(6, 3, 6);
    await waitFor(() => c.consumers().length === 3, 'three consumers');
    const seen = c.consumers().find((x) => x.producerId === camera.producerId);
    expect(seen).toMatchObject({ kind: 'video', trackId: camera.trackId, participantId: a.participantId });
    expect(seen?.rtpParameters.encodings).toMatchObject([{ scalabilityMode: 'L3T3' }]);
    expect(edge.of(callId, 'call.transports.created')).toHaveLength(3);
    // What it says is what the contract says.
    expect(said.length).toBeGreaterThan(0);
    for (const command of said) expect(() => commandSchema.parse(command)).not.toThrow();
  });

  it('gives a late comer transports and everything that is sent in one event', async () => {
    const [a, b] = await three();
    await a.produce(cameraRtp);
    await b.produce(microphoneRtp, 'microphone');
    await becomes(6, 2, 4);
    const late = await new SignallingPerson(edge, callId, chromium).join();
    people.push(late);
    expect((await late.transports()).consumers.map(({ kind }) => kind).sort()).toEqual(['audio', 'video']);
    await becomes(8, 2, 6);
  });

  it('sends nobody what they can not decode', async () => {
    const h264Only: Capabilities = { ...chromium, videoCodecs: [chromium.videoCodecs[5]!] };
    const bot: Capabilities = { ...chromium, audioCodecs: [], videoCodecs: [] };
    const [a, b] = await join(chromium, h264Only, chromium, bot);
    await a.produce(cameraRtp);
    await a.produce(microphoneRtp, 'microphone');
    await becomes(6, 2, 3);
    await waitFor(() => b.consumers().length === 1, 'sound');
    expect(b.consumers().map(({ kind }) => kind)).toEqual(['audio']);
  });

  it('[L1] closes all of somebody who leaves, and nothing of the others', async () => {
    const [a, b, c] = await three();
    for (const person of people) await person.produce(cameraRtp);
    await becomes(6, 3, 6);
    await c.ask('call.leave', {});
    await becomes(4, 2, 2);
    expect([a, b].every((person) => person.consumers().length > 0)).toBe(true);
  });

  it('[L2] closes the producer of a track that is unpublished, with all its consumers', async () => {
    const [a] = await three();
    const { trackId } = await a.produce(cameraRtp);
    await a.produce(microphoneRtp, 'microphone');
    await becomes(6, 2, 4);
    await a.ask('call.unpublish', { trackId });
    await becomes(6, 1, 2);
  });

  it('[L3] makes new transports for a page that was loaded anew, and closes the old ones', async () => {
    const [a] = await three();
    await a.produce(cameraRtp);
    const before = await a.transports();
    await becomes(6, 1, 2);
    await a.reload();
    const after = await a.transports();
    expect(after.send.id).not.toBe(before.send.id);
    await becomes(6, 0, 0);
    // The same mid again: nothing of the old page is in its way.
    await a.produce(cameraRtp);
    await becomes(6, 1, 2);
  });

  it('replaces a track that is produced again', async () => {
    const [a] = await three();
    const { trackId, producerId } = await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    const second = await a.produceAgain(trackId, cameraRtp);
    await waitFor(async () => {
      const map = (await media.dump(callId))?.router.mapProducerIdConsumerIds;
      return map?.length === 1 && map[0]?.key === second && map[0].values.length === 2;
    }, 'the new producer alone');
    expect(second).not.toBe(producerId);
  });

  it(
    '[L4] keeps the leg while people switch back to peer to peer, then closes all of it',
    { timeout: limits.routeCalmMs + 30_000 },
    async () => {
      const [a, b, c] = await three();
      await a.produce(cameraRtp);
      await b.produce(cameraRtp);
      await becomes(6, 2, 4);
      await swap();
      await c.ask('call.leave', {});
      people.pop();
      await waitFor(async () => (await route())?.kind === 'p2p', 'the way back', limits.routeCalmMs + 10_000);
      await a.ask('call.swapped', { epoch: (await route())!.epoch });
      await becomes(4, 2, 2);
      await b.ask('call.swapped', { epoch: (await route())!.epoch });
      await waitFor(() => media.callIds().length === 0, 'the leg to be gone');
    },
  );

  it('[L5] builds the call anew on another life of a Call Server where its own is gone', async () => {
    const [a] = await three();
    await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    const before = await route();
    await media.stop();
    media = await startCallServer(stage, 'media-1', 2, bus);
    await waitFor(async () => (await route())?.server?.gateway === media.server, 'a new route');
    expect(await route()).toMatchObject({ epoch: before!.epoch + 1, reason: 'call-server-lost' });
    for (const person of people) await person.transports();
    await a.produceAgain(
      Object.keys((await edge.view(callId)).participants[a.participantId]!.tracks)[0]!,
      cameraRtp,
    );
    await becomes(6, 1, 2);
  });

  it('[L6] leaves nothing when the call ends', async () => {
    const [a] = await three();
    await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    await a.ask('call.end', {});
    await waitFor(() => media.callIds().length === 0, 'the call to be gone');
    expect(await media.dump(callId)).toBeUndefined();
  });

  it('[L7] replaces a mediasoup worker that dies, moves its calls and no other', async () => {
    const [a] = await three();
    const { trackId } = await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    const { workerPid } = (await media.dump(callId))!;
    const otherCall = await edge.createCall();
    const others = await Promise.all(
      [1, 2, 3].map(() => new SignallingPerson(edge, otherCall, chromium).join()),
    );
    await others[0]!.produce(cameraRtp);
    const other = await waitFor(() => media.dump(otherCall), 'the other call');
    expect(other.workerPid).not.toBe(workerPid);

    process.kill(workerPid, 'SIGKILL');
    await waitFor(async () => (await route())?.reason === 'call-server-failed', 'the call to be moved');
    expect((await route())?.server?.gateway).toBe(media.server);
    for (const person of people) await person.transports();
    await a.produceAgain(trackId, cameraRtp);
    await becomes(6, 1, 2);
    expect((await media.dump(callId))!.workerPid).not.toBe(workerPid);
    await waitFor(() => media.workerPids().length === 2, 'a new worker');
    expect(edge.of(otherCall, 'call.route.changed')).toHaveLength(1);
    expect((await media.dump(otherCall))!.router.id).toBe(other.router.id);
    await others[0]!.ask('call.end', {});
  });

  it('[L8] goes on under another owner of the partition, which knows nothing of it but the log', async () => {
    const [a, b] = await three();
    await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    const { router } = (await media.dump(callId))!;
    owners.at(-1)!.kill();
    owners.push(await MortalWorker.start(stage));
    await b.produce(cameraRtp);
    await becomes(6, 2, 4);
    expect((await media.dump(callId))!.router.id).toBe(router.id);
  });

  it('says what mediasoup says of parameters that it can not take, and lives', async () => {
    const [a] = await three();
    const unsupported = structuredClone(cameraRtp);
    unsupported.codecs[0]!.mimeType = 'video/H266';
    const { trackId, producerId } = await a.produce(unsupported);
    const refusal = await waitFor(() => edge.of(callId, 'call.producer.refused')[0], 'a refusal');
    expect(refusal.data).toMatchObject({ to: a.participantId, trackId, producerId });
    expect(refusal.data.reason).toMatch(/unsupported codec \[mimeType:video\/H266/);
    // mediasoup's worker, not its library, sees that the mid is taken.
    await a.produce(cameraRtp);
    await a.produce({ ...microphoneRtp, mid: cameraRtp.mid! }, 'microphone');
    await waitFor(() => edge.of(callId, 'call.producer.refused').length === 2, 'a second refusal');
    await a.produce(microphoneRtp, 'screen-audio');
    await becomes(6, 2, 4);
  });

  it('restarts ICE where a client asks for it', async () => {
    const [a] = await three();
    const { epoch, send } = await a.transports();
    await a.ask('call.transport', { direction: 'send', epoch, state: 'disconnected', restart: true });
    const restarted = await waitFor(() => edge.of(callId, 'call.transport.restarted')[0], 'new credentials');
    expect(restarted.data).toMatchObject({ to: a.participantId, direction: 'send', transportId: send.id });
    expect(restarted.data.iceParameters.usernameFragment).not.toBe(send.iceParameters.usernameFragment);
    // Failed without ever having been used: its page has not heard of them.
    await a.ask('call.transport', { direction: 'recv', epoch, state: 'failed', restart: true });
    await waitFor(async () => (await a.transports()).send.id !== send.id, 'other transports');
  });

  it('tells a sender which layers somebody watches: less after a while, more at once', async () => {
    const [a, b, c] = await three();
    const { producerId, trackId } = await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    await waitFor(() => b.consumers().length + c.consumers().length === 2, 'consumers');
    const [seenByB, seenByC] = [b, c].map((person) => person.consumers()[0]!.consumerId);
    // An earlier socket of the same person has no say.
    edge.signal({
      callId,
      participantId: b.participantId,
      sessionId: a.sessionId,
      tiles: { [seenByB!]: { width: 1_280, height: 720 } },
    });
    b.signal({ tiles: { [seenByB!]: { width: 200, height: 112 } } });
    c.signal({ tiles: { [seenByC!]: { width: 0, height: 0 } } });
    const told = () => edge.of(callId, 'call.encodings.changed').map(({ data }) => data.maxSpatialLayer);
    await waitFor(() => told().length === 1, 'less');
    c.signal({ tiles: { [seenByC!]: { width: 1_600, height: 900 } } });
    await waitFor(() => told().length === 2, 'more');
    expect(told()).toEqual([0, 2]);
    expect(edge.of(callId, 'call.encodings.changed')[0]!.data).toMatchObject({
      to: a.participantId,
      producerId,
      trackId,
    });
  });

  it('finds what was lost on the way to it', async () => {
    const [a, b] = await three();
    await a.produce(cameraRtp);
    await becomes(6, 1, 2);
    bus.isDeaf = true;
    await b.produce(cameraRtp);
    await waitFor(() => bus.missed > 0, 'something to be lost');
    bus.isDeaf = false;
    await becomes(6, 2, 4);
  });
});
