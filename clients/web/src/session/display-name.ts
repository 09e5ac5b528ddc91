/** As in the contract: a name is shown on a tile, longer ones are not read. Characters. */
export const displayNameMax = 80;
export const callNameMax = 120;

/** The name as the platform takes it: no control or direction characters, trimmed, bounded. */
export function cleanName(input: string, max = displayNameMax): string {
  return input
    .replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, ' ')
    .trim()
    .slice(0, max)
    .trim();
}
