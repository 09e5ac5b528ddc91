import { setTimeout as wait } from 'node:timers/promises';
import { Faults } from './faults.ts';
import { limits } from './limits.ts';
import { isFlat, type Sample } from './memory.ts';
import { playScene } from './scene.ts';
import { Target } from './target.ts';

export interface FuzzOptions {
  readonly messages: number;
  readonly seed: number;
  /** This scene alone, as often as the number of messages takes. */
  readonly scene?: number | undefined;
  readonly progress?: (line: string) => void;
  readonly tell?: (fault: string) => void;
}

export interface Outcome {
  readonly messages: number;
  readonly seconds: number;
  readonly scenes: number;
  readonly faults: number;
  readonly told: readonly string[];
  /** Replies by code. */
  readonly replies: Readonly<Record<string, number>>;
  readonly memory: readonly Sample[];
  /** Undefined where the run was too short to say. */
  readonly flat: boolean | undefined;
}

/** Sends so many messages, in scenes that go on at the same time, to a platform of its own. */
export async function fuzz({
  messages,
  seed,
  scene,
  progress = () => {},
  tell,
}: FuzzOptions): Promise<Outcome> {
  const faults = new Faults(tell);
  const target = await Target.start(faults);
  const replies: Record<string, number> = {};
  const memory: Sample[] = [];
  const started = performance.now();
  let seconds = 0;
  let sent = 0;
  let scenes = 0;
  let next: number = limits.messagesPerSample;
  const look = async () => {
    const sample = { messages: sent, ...(await target.memory()) };
    memory.push(sample);
    progress(lineOf(sample, performance.now() - started, faults.count));
  };
  const count = (more: number, code?: string) => {
    sent += more;
    if (code !== undefined) replies[code] = (replies[code] ?? 0) + 1;
  };
  const player = async () => {
    while (sent < messages && faults.count < limits.faultsTold) {
      const number = scene ?? scenes;
      scenes += 1;
      try {
        await playScene({ url: target.url, seed, scene: number, faults, count });
      } catch (error) {
        faults.add(`scene ${number}`, String(error));
      }
      if (sent >= next) {
        next += limits.messagesPerSample;
        await look();
      }
    }
  };
  try {
    await look();
    await Promise.all(Array.from({ length: scene === undefined ? limits.scenesAtOnce : 1 }, player));
    seconds = (performance.now() - started) / 1_000;
    await look();
    if (sent >= limits.flatFromMessages) {
      await wait(limits.restMs);
      await look();
    }
  } catch (error) {
    faults.add('run', String(error));
  } finally {
    await target.stop();
  }
  const flat = sent < limits.flatFromMessages ? undefined : isFlat(memory);
  return { messages: sent, seconds, scenes, faults: faults.count, told: faults.told, replies, memory, flat };
}

function lineOf({ messages, edge, calls }: Sample, ms: number, faults: number): string {
  const mb = (bytes: number) => (bytes / 2 ** 20).toFixed(1);
  const of = (name: string, m: Sample['edge']) => `${name} heap ${mb(m.heapUsed)} rss ${mb(m.rss)} MiB`;
  return `${messages} messages in ${(ms / 1_000).toFixed(0)} s; ${of('edge', edge)}; ${of('calls', calls)}; ${faults} faults`;
}
