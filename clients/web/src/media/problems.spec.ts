import { describe, expect, it } from 'vitest';
import { browserName, problemHelp, problemOf } from './problems.ts';

const named = (name: string, message = '') => Object.assign(new Error(message), { name });

describe('media problems', () => {
  it.each([
    [named('NotAllowedError', 'Permission denied'), 'denied'],
    [named('NotAllowedError', 'Permission denied by system'), 'blocked-by-system'],
    [named('NotFoundError'), 'missing'],
    [named('OverconstrainedError'), 'missing'],
    [named('NotReadableError'), 'in-use'],
    [named('TypeError'), 'failed'],
    ['no error at all', 'failed'],
  ] as const)('%s means %s', (error, problem) => {
    expect(problemOf(error)).toBe(problem);
  });

  it('knows the browser, as each has its own place to allow things', () => {
    expect(browserName('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36')).toBe(
      'chromium',
    );
    expect(browserName('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe(
      'firefox',
    );
    expect(browserName('Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/19.0 Safari/605.1.15')).toBe(
      'safari',
    );
  });

  it('says what to click where permission was denied', () => {
    expect(problemHelp('denied', 'camera', 'chromium').text).toContain('left of the address');
    expect(problemHelp('insecure', 'microphone', 'other').text).toContain('https');
  });
});
