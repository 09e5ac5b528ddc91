import { describe, expect, it } from 'vitest';
import { callIdIn, parseRoute } from './routes.ts';

const callId = '03-019a9d5c-7a00-7c4e-b1a2-5d1f3c9b7e10';

describe('routes', () => {
  it('knows the three pages and nothing else', () => {
    expect(parseRoute('/')).toEqual({ page: 'home' });
    expect(parseRoute(`/c/${callId}`)).toEqual({ page: 'call', callId });
    expect(parseRoute(`/t/${callId}/`)).toEqual({ page: 'timeline', callId });
    expect(parseRoute('/settings')).toEqual({ page: 'unknown' });
    expect(parseRoute('/c/abc')).toEqual({ page: 'unknown' });
    expect(parseRoute(`/c/x${callId}`)).toEqual({ page: 'unknown' });
  });

  it('finds the call in whatever was pasted', () => {
    expect(callIdIn(callId)).toBe(callId);
    expect(callIdIn(`  https://calls.example/c/${callId}?x=1 `)).toBe(callId);
    expect(callIdIn(callId.toUpperCase())).toBe(callId);
    expect(callIdIn('the call at ten')).toBeUndefined();
  });
});
