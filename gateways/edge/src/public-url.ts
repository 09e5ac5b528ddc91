import { z } from 'zod';

/**
 * RINGBACK_PUBLIC_URL: where clients reach this gateway and no other, `https://edge-1.example.org`. What it gives is the
 * address of the WebSocket there.
 */
export const publicUrlSetting = z
  .url({ protocol: /^https?$/, error: 'must be an address like https://edge-1.example.org' })
  .transform((text, context) => {
    const { protocol, host, pathname, search, hash } = new URL(text);
    if (pathname === '/' && search === '' && hash === '')
      return `${protocol.replace('http', 'ws')}//${host}/v1/ws`;
    context.addIssue('must have no path: pages and sockets are at its root');
    return z.NEVER;
  });
