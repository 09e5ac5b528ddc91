import { pino, type Logger } from 'pino';

export type { Logger };

/**
 * One JSON line an event, on standard output. `callId` and `correlationId` are given wherever there is one.
 * Tokens, passwords and SDP are never logged; the paths below are the net under that.
 */
export function makeLogger(part: string, level = process.env.RINGBACK_LOG_LEVEL ?? 'info'): Logger {
  return pino({
    level,
    base: { part, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: [
      'token',
      '*.token',
      'password',
      '*.password',
      'authorization',
      '*.authorization',
      'sdp',
      '*.sdp',
    ],
  });
}
