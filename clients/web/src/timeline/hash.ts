/** `#seq=12`: the event a link points at. */
export function seqOfHash(hash: string): number | undefined {
  const digits = /^#seq=(\d{1,9})$/.exec(hash)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export const hashOfSeq = (seq: number) => `#seq=${seq}`;
