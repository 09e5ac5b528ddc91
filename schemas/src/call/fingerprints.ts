/** How a certificate's fingerprints look. Apart from their schema: pages make them, and must not load zod for it. */
export const fingerprints = {
  algorithms: ['sha-256', 'sha-384', 'sha-512'],
  /** In upper case (RFC 8122). */
  value: /^[0-9A-F]{2}(:[0-9A-F]{2}){31,63}$/,
  countMax: 3,
} as const;
