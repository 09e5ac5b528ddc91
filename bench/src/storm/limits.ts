/** How much is measured, each with its reason. */
export const limits = {
  /** As many as the goal names. */
  people: 5_000,
  peopleQuick: 300,
  /** One acts, all four hear it. */
  peoplePerCall: 4,
  /** One dies, and whoever was there has somewhere to go. */
  edges: 2,
  /** Actions in all calls together: each call has one every 2.5 s, so that something happens in most of them while their people are away. */
  actionsPerSecond: 500,
  actionsPerSecondQuick: 60,
  /** Calls being joined at once, far under what a gateway lets wait. */
  joinsAtOnce: 50,
  /** One answer; as long as the SDK gives a connection. Milliseconds. */
  answerMs: 10_000,
  /** Acting before the kill, and after the last one is back. Milliseconds. */
  calmMs: 5_000,
  calmMsQuick: 2_000,
  /** Until everybody is back; who is not by then is counted as lost. Milliseconds. */
  backMsMax: 60_000,
  /** Until everybody has everything, once nobody acts any more. Milliseconds. */
  drainMs: 15_000,
  /** Before an action that was put off is said again. Milliseconds. */
  againMs: 500,
  /** The goal: resumed within the pause that clients take of themselves, and this. Milliseconds. */
  goalMs: 2_000,
} as const;
