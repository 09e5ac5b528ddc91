/** The profile behind `profile-level-id` (RFC 6184 section 8.1, table 5): profile_idc, and bits of profile_iop that count. */
const profiles: readonly [idc: number, mask: number, bits: number, name: string][] = [
  [0x42, 0b0100_1111, 0b0100_0000, 'constrained-baseline'],
  [0x4d, 0b1000_1111, 0b1000_0000, 'constrained-baseline'],
  [0x58, 0b1100_1111, 0b1100_0000, 'constrained-baseline'],
  [0x42, 0b0100_1111, 0b0000_0000, 'baseline'],
  [0x58, 0b1100_1111, 0b1000_0000, 'baseline'],
  [0x4d, 0b1010_1111, 0b0000_0000, 'main'],
  [0x64, 0b1111_1111, 0b0000_0000, 'high'],
  [0x64, 0b1111_1111, 0b0000_1100, 'constrained-high'],
  [0xf4, 0b1111_1111, 0b0000_0000, 'high-444'],
];

/**
 * Two that have the same one understand each other, whatever their levels (levels are asymmetric in WebRTC).
 *
 * @param profileLevelId six hex digits; absent: constrained baseline, as WebRTC's implementations take it
 * @returns the name of the profile, or the digits themselves where it is none of them
 */
export function h264Profile(profileLevelId: unknown): string {
  if (profileLevelId === undefined) return 'constrained-baseline';
  const text = `${profileLevelId as string}`.toLowerCase();
  if (!/^[0-9a-f]{6}$/.test(text)) return `unknown-${text}`;
  const idc = Number.parseInt(text.slice(0, 2), 16);
  const iop = Number.parseInt(text.slice(2, 4), 16);
  const found = profiles.find(([code, mask, bits]) => code === idc && (iop & mask) === bits);
  return found?.[3] ?? `unknown-${text.slice(0, 4)}`;
}
