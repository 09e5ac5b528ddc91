/** How much is measured, each with its reason. */
export const limits = {
  /** Rooms of each kind are opened in turn, so that whatever else the machine does meets all kinds. */
  rounds: 4,
  roundsQuick: 1,
  /** Joins a room: with four rounds 20 of each kind, of which the 99th percentile is the slowest. */
  joinsPerRoom: 5,
  joinsPerRoomQuick: 3,
  /** Between joins: the last one's browser has closed and the room is quiet. Milliseconds. */
  pauseMs: 1_000,
  /** A join that takes longer counts as failed. Milliseconds. */
  joinMsMax: 30_000,
  /** The gateway writes telemetry in batches, and a page reports after its first frame. Milliseconds. */
  reportMsMax: 15_000,
  /** Between looks for the report: far below what the gateway lets one read. Milliseconds. */
  reportEveryMs: 200,
} as const;
