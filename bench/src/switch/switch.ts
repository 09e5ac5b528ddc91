import type { BenchOptions, Figures } from '../bench.ts';
export async function run(_: BenchOptions): Promise<Figures> { return {}; }
