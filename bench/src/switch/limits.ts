/** How much is measured, each with its reason. */
export const limits = {
  /** Each is one switch up and one back: 20 in all. */
  rounds: 10,
  roundsQuick: 1,
  /** Before the third clicks nothing happens for so long: the same call without a switch. Milliseconds. */
  quietMs: 5_000,
  /** A switch is over for the eye when the old leg is gone and the layout stands. Milliseconds. */
  tailMs: 500,
  /** Where one client learns of a change of the route, the other may have begun. Milliseconds. */
  leadMs: 250,
  /** Between looks at what was concealed: a swap is placed within it. Milliseconds. */
  lookMs: 50,
  /** The way back waits 8 s for the call to stay as it is, and a switch is given 15 s. Milliseconds. */
  settleMsMax: 60_000,
} as const;
