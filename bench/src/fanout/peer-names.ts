/** Where a peer hears of one tick, a JSON array of messages that are to be sent in one frame a socket … */
export function toOneFrame(kind: string, shape: string): string {
  return `${kind}-${shape}`;
}

/** … or each in a frame of its own. */
export function toFrameEach(kind: string, shape: string): string {
  return `${kind}-${shape}-each`;
}
