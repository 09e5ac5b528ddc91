/** A bug on purpose, in the simulated world and never in the product: a simulation that does not find it finds nothing. */
export interface Plant {
  /** The log says that a commit is stored, and only then begins to store it. */
  readonly ackFirst?: true;
  /** The log ignores which commit an append follows: a former owner's is taken. */
  readonly noFence?: true;
  /** Who replays the log does not get to see one of the last commits. */
  readonly blindReplay?: true;
  /** From some moment on, a gateway hears nothing more of one call. */
  readonly deafGateway?: true;
  /** Who replays the log forgets which commands had their effect. */
  readonly forgetful?: true;
  /** How far a view is counts, also where the transaction that its rows change in is undone. */
  readonly looseMove?: true;
}

/** Each with the check that it is there to try. */
export const plants: Readonly<Record<keyof Plant, RegExp>> = {
  ackFirst: /which the log lacks|the log does not know it|the log has \d+ events of it/,
  noFence: /^two writers/,
  blindReplay: /^\S+: \d+ follows \d+ in the log/,
  deafGateway: /^no rest after/,
  forgetful: /had an effect twice/,
  looseMove: /is not a fresh fold of the log/,
};
