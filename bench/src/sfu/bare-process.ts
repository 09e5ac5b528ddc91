import { receiveCapabilities, routerCodecs } from '@ringback/domain';
import { mediasoupWorkerPath } from '@ringback/runtime/native-parts';
import type { RtpParameters, TransportOptions } from '@ringback/schemas';
import { createWorker, type types } from 'mediasoup';
import { serveAsks } from '../processes.ts';
import { loadCapabilities } from './capabilities.ts';

/** The limit: mediasoup as its documentation shows it, one worker, one port, nothing that looks after it. */

interface Person {
  readonly send: types.WebRtcTransport;
  readonly recv: types.WebRtcTransport;
  readonly producers: types.Producer[];
}

export interface ReceivedTrack {
  readonly kind: 'audio' | 'video';
  readonly rtpParameters: RtpParameters;
}

let worker: types.Worker;
let server: types.WebRtcServer;
let router: types.Router;
const people = new Map<string, Person>();

const asks = {
  /** @returns the worker's process id. */
  async start({ address }: { address: string }): Promise<number> {
    worker = await createWorker({ workerBin: mediasoupWorkerPath(), logLevel: 'error' });
    worker.on('died', (error) => {
      throw error;
    });
    const listenInfos = (['udp', 'tcp'] as const).map((protocol) => ({ protocol, ip: address }));
    server = await worker.createWebRtcServer({ listenInfos });
    return worker.pid;
  },

  async open(): Promise<void> {
    router = await worker.createRouter({
      mediaCodecs: routerCodecs.map((codec) => ({ ...codec, parameters: { ...codec.parameters } })),
    });
  },

  async join({ name, fingerprint }: { name: string; fingerprint: string }) {
    const [send, recv] = await Promise.all([connected(fingerprint), connected(fingerprint)]);
    people.set(name, { send, recv, producers: [] });
    return { send: optionsOf(send), recv: optionsOf(recv) };
  },

  async produce({ name, tracks }: { name: string; tracks: readonly ReceivedTrack[] }): Promise<void> {
    const { send, producers } = people.get(name)!;
    for (const { kind, rtpParameters } of tracks)
      producers.push(await send.produce({ kind, rtpParameters: rtpParameters as types.RtpParameters }));
  },

  /** Everything that the others produce by now. */
  async consume({ name }: { name: string }): Promise<ReceivedTrack[]> {
    const capabilities = router.rtpCapabilities as Parameters<typeof receiveCapabilities>[0];
    const others = [...people].filter(([other]) => other !== name);
    const wanted = others.flatMap(([, { producers }]) => producers);
    const consumers = await Promise.all(
      wanted.map(({ id, kind }) =>
        people.get(name)!.recv.consume({
          producerId: id,
          rtpCapabilities: receiveCapabilities(capabilities, loadCapabilities, kind) as types.RtpCapabilities,
        }),
      ),
    );
    return consumers.map(({ kind, rtpParameters }) => ({
      kind,
      rtpParameters: rtpParameters as RtpParameters,
    }));
  },

  close(): void {
    router.close();
    people.clear();
  },
};
export type BareAsks = typeof asks;

async function connected(fingerprint: string): Promise<types.WebRtcTransport> {
  const transport = await router.createWebRtcTransport({
    webRtcServer: server,
    enableUdp: true,
    enableTcp: true,
  });
  const fingerprints = [{ algorithm: 'sha-256' as const, value: fingerprint }];
  await transport.connect({ dtlsParameters: { role: 'client', fingerprints } });
  return transport;
}

function optionsOf({
  id,
  iceParameters,
  iceCandidates,
  dtlsParameters,
}: types.WebRtcTransport): TransportOptions {
  return { id, iceParameters, iceCandidates, dtlsParameters } as TransportOptions;
}

serveAsks(asks);
