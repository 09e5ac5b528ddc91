/** What a bench found out, by name; each name ends in its unit or says what it is a ratio of. */
export type Figures = Record<string, number>;

export interface BenchOptions {
  /** The repository's root. */
  readonly root: string;
  /** Minutes become seconds: to see that a bench works. Its figures mean nothing. */
  readonly quick: boolean;
  /** Address of a Centrifugo server, for benches that have it as a peer. */
  readonly centrifugo?: string | undefined;
  /** Tables and sentences for people: standard output. */
  readonly print: (text: string) => void;
  /** What it does right now: standard error. */
  readonly progress: (text: string) => void;
}

/** One question, answered with figures. */
export interface Bench {
  run(options: BenchOptions): Promise<Figures>;
}
