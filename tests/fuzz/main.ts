import { parseArgs } from 'node:util';
import { fuzzBus } from './bus.ts';
import { fuzz } from './fuzz.ts';
import { limits } from './limits.ts';

const usage = `usage: npm run fuzz [-- --messages N] [--seed S] [--scene I] [--json]
--messages N  so many messages of clients at least, and a tenth as many between gateways and workers; default ${limits.messagesDefault}
--seed S      what is sent; default 1
--scene I     this scene of the seed alone, once; nothing between gateways and workers
--json        the last line is one JSON object
`;

/** `npm run fuzz`. @returns the exit code: 2 where it was not asked for anything that there is. */
export async function runFuzz(args: readonly string[]): Promise<number> {
  const asked = parse(args);
  if (asked === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const { seed, scene, json } = asked;
  const messages = scene === undefined ? asked.messages : 1;
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const tell = (fault: string) => {
    const where = /^scene (\d+)/.exec(fault)?.[1];
    const again = where === undefined ? `--messages ${messages}` : `--scene ${where}`;
    say(`FAULT ${fault}\nagain: npm run fuzz -- --seed ${seed} ${again}\n`);
  };
  const outcome = await fuzz({ messages, seed, scene, progress: say, tell });
  say(`replies: ${JSON.stringify(outcome.replies)}`);
  const memory = { true: 'memory flat', false: 'MEMORY GROWS', undefined: 'too few to judge memory' }[
    String(outcome.flat)
  ];
  say(
    `${outcome.messages} messages in ${outcome.scenes} scenes, ${outcome.seconds.toFixed(0)} s ` +
      `(${Math.round(outcome.messages / outcome.seconds)}/s), seed ${seed}: ${outcome.faults} faults; ${memory}`,
  );
  const bus = scene === undefined ? await runBus(messages, seed, say, tell) : undefined;
  const { told: _, memory: samples, ...figures } = outcome;
  const ends = { first: samples[0], last: samples.at(-1) };
  if (json) say(JSON.stringify({ seed, ...figures, flat: outcome.flat ?? null, memory: ends, bus }));
  return outcome.faults === 0 && outcome.flat !== false && (bus?.faults ?? 0) === 0 ? 0 : 1;
}

async function runBus(
  clientMessages: number,
  seed: number,
  say: (line: string) => void,
  tell: (fault: string) => void,
) {
  const messages = Math.ceil(clientMessages / limits.clientMessagesPerBusMessage);
  const { told: _, ...bus } = await fuzzBus({ messages, seed, tell });
  const rate = Math.round(bus.messages / bus.seconds);
  const counted = JSON.stringify(bus.counted);
  say(
    `bus: ${bus.messages} messages between gateways and workers, ${rate}/s: ${bus.faults} faults; counted ${counted}`,
  );
  return bus;
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        messages: { type: 'string', default: String(limits.messagesDefault) },
        seed: { type: 'string', default: '1' },
        scene: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const scene = values.scene === undefined ? undefined : Number(values.scene);
    const [messages, seed] = [Number(values.messages), Number(values.seed)];
    if (![messages, seed, scene ?? 0].every((n) => Number.isSafeInteger(n) && n >= 0)) return undefined;
    return { messages, seed, scene, json: values.json };
  } catch {
    return undefined;
  }
}
