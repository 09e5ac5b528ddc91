import { plants, type Plant } from './plant.ts';
import { simulate } from './simulate.ts';

/** Seeds that each planted bug is looked for in. */
const seedsMax = 60;

export interface Caught {
  readonly name: string;
  /** The first seed that shows it; undefined: none did. */
  readonly seed: number | undefined;
  readonly failure: string | undefined;
}

/** Looks for every planted bug. */
export async function catchPlants(): Promise<Caught[]> {
  const all: Caught[] = [];
  for (const [name, sign] of Object.entries(plants))
    all.push({ name, ...(await catchPlant({ [name]: true }, sign)) });
  return all;
}

async function catchPlant(plant: Plant, sign: RegExp): Promise<Omit<Caught, 'name'>> {
  for (let seed = 1; seed <= seedsMax; seed++) {
    const { failure } = await simulate(seed, plant);
    if (failure !== undefined && sign.test(failure)) return { seed, failure };
  }
  return { seed: undefined, failure: undefined };
}
