import { parseArgs } from 'node:util';
import { commitOf, machine } from './machine.ts';
import { benches } from './registry.ts';

const usage = `usage: npm run bench -- NAME [--json] [--quick] [--centrifugo URL]
names: ${[...benches.keys()].join(', ')}
--json   the last line is one JSON object
--quick  only shows that the bench works: its figures mean nothing
--centrifugo  fanout: a server to measure beside the others
`;

/** @returns the exit code: 2 where it was not asked for anything that there is. */
export async function bench(root: string, args: readonly string[]): Promise<number> {
  const asked = parse(args);
  const load = benches.get(asked?.name ?? '');
  if (asked === undefined || load === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const { name, json, quick, centrifugo } = asked;
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  const progress = (text: string) => void process.stderr.write(`${text}\n`);
  const about = { machine: machine(), commit: commitOf(root) };
  const figures = await (await load()).run({ root, quick, centrifugo, print, progress });
  if (json) print(JSON.stringify({ bench: name, figures, ...about }));
  return 0;
}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        centrifugo: { type: 'string' },
      },
    });
    return positionals.length === 1 ? { name: positionals[0]!, ...values } : undefined;
  } catch {
    return undefined;
  }
}
