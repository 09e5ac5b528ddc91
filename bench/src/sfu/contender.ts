import type { Load } from './load.ts';

/** Who sends and who receives. Everybody receives everybody else's microphone and camera. */
export interface Shape {
  readonly name: string;
  readonly senders: number;
  /** Who only receives. */
  readonly listeners: number;
}

export const shapes = {
  oneToMany: { name: '1 -> 100', senders: 1, listeners: 100 },
  everybody: { name: '10 <-> 10', senders: 10, listeners: 0 },
} as const satisfies Record<string, Shape>;
export type ShapeName = keyof typeof shapes;

/** Of what one sender sends. */
export function receiversOf({ senders, listeners }: Shape): number {
  return senders - 1 + listeners;
}

/** Received tracks in all: microphones and cameras. */
export function tracksOf(shape: Shape): number {
  return 2 * shape.senders * receiversOf(shape);
}

/** One server that forwards. Its processes live as long as it does; each run has a room of its own. */
export interface Contender {
  readonly title: string;
  /** Makes the room and connects everybody; nothing is sent yet. */
  open(shape: Shape, load: Load): Promise<Room>;
  stop(): Promise<void>;
}

export interface Room {
  /** Processes that do the forwarding, by name. */
  readonly pids: Readonly<Record<string, number>>;
  /** Processes that are there for it but no other contender has: shown, not compared. */
  readonly besides: Readonly<Record<string, number>>;
  /** Everybody goes, the room is gone. */
  close(): Promise<void>;
}

/** People of a room by name; the first `senders` of them send. */
export function people({ senders, listeners }: Shape): { name: string; sends: boolean }[] {
  return Array.from({ length: senders + listeners }, (_, index) => ({
    name: `person-${index}`,
    sends: index < senders,
  }));
}
