/** Bounds of a gateway's path to the owners, each with its reason. */
export const limits = {
  /** Commands without an answer, all partitions together. Beyond it: `overloaded`. */
  pendingMax: 20_000,
  /** … and together no longer than this: a gateway without owners must not fill its memory. Bytes. */
  pendingBytesMax: 64 * 1024 * 1024,
  /**
   * One command. What comes of it is one commit of at most 768 kB, with envelopes around it, and a nats-server of
   * default settings takes messages of 1 MB. Beyond it: `too_large`. The longest are consumers for many:
   * media gateways cut them far below this. Bytes.
   */
  commandBytesMax: 704 * 1024,
  /**
   * An answer may take as long as two elections of the log (4 - 9 s each: the first may be a tie); clients wait 30 s.
   * Milliseconds.
   */
  commandMs: 20_000,
  /**
   * Nothing answered, or no owner heard, for this long: more than one election and a take-over. What is asked anew is refused at
   * once then; nobody should wait as long for a no as for a yes. Milliseconds.
   */
  stuckMs: 12_000,
  /** Without an answer for this long, a command is sent again with its id. Milliseconds. */
  resendMs: 1_500,
  /** One message to an owner; the rest goes in the next. Bytes. */
  batchBytesMax: 512 * 1024,
  /** Calls followed (or no longer) in one message: 80 kB of ids. */
  batchFollowMax: 2_000,
  /** All followed calls are named again this often, so that one whose `follow` was lost does not stay silent. Milliseconds. */
  announceMs: 5_000,
  /** An owner's answer to a question. Milliseconds. */
  askMs: 2_500,
  /** Tries of a question while a partition changes its owner. */
  askTries: 5,
  /** Signs of life. Milliseconds. */
  beatMs: 1_000,
  /** No head of a partition for this long: nobody owns it. Milliseconds. */
  ownerSilentMs: 3_500,
} as const;
