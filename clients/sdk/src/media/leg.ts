import type { ClientCommandType, IceServer, QualitySample } from '@ringback/schemas';
import type { CommandDataOf } from '../client.ts';
import type { PeerQuality } from '../types.ts';
import type { OutgoingTrack } from './local-media.ts';

/** Sends one command of the call; `signal` takes back what is not sent yet. */
export type SendCommand = <T extends ClientCommandType>(
  type: T,
  data: CommandDataOf<T>,
  signal?: AbortSignal,
) => Promise<unknown>;

/** How to ask the receiver of one incoming track for its statistics (W3C webrtc-stats). */
export type ReceiverStats = () => Promise<RTCStatsReport>;

/** What was measured of a leg since the last time. */
export interface LegMeasures {
  people: PeerQuality[];
  samples: QualitySample[];
}

/** One way that the media takes: peer to peer, or through a Call Server. During a switch there are both. */
export interface Leg {
  addTrack(track: OutgoingTrack): void;
  replaceTrack(trackId: string, track: MediaStreamTrack): void;
  removeTrack(trackId: string): void;
  setIceServers(servers: IceServer[]): void;
  networkChanged(): void;
  measure(nowMs: number): Promise<LegMeasures>;
  close(): void;
}
