import { describe, expect, it } from 'vitest';
import { Origins, originsSetting } from './origins.ts';

const host = 'calls.example.org';
const app = 'https://app.example.org';

describe('Origins', () => {
  it.each([
    ['no browser', ''],
    ['its own page', `https://${host}`],
    ['its own page, before TLS', `http://${host}`],
  ])('lets through: %s', (_, origin) => {
    expect(new Origins().refusal(origin, host)).toBeUndefined();
    expect(new Origins([app]).refusal(origin, host)).toBeUndefined();
    expect(new Origins().headersFor(origin, host)).toEqual([]);
  });

  it.each([
    app,
    `https://${host}.evil.example`,
    `https://${host}:8443`,
    `https://evil.example/${host}`,
    `https://evil.example#${host}`,
    'null',
    'https://',
    host,
  ])('refuses %s, and says what to do', (origin) => {
    const refusal = new Origins(['https://other.example.org']).refusal(origin, host);
    expect(refusal).toMatchObject({ code: 'origin_not_allowed' });
    expect(refusal?.message).toContain('RINGBACK_ORIGINS');
  });

  it('compares the port where there is one', () => {
    expect(new Origins().refusal('http://localhost:8080', 'localhost:8080')).toBeUndefined();
    expect(new Origins().refusal('http://localhost:8081', 'localhost:8080')).toBeDefined();
  });

  it('lets through who is named, and tells the browser', () => {
    const origins = new Origins([app]);
    expect(origins.refusal(app, host)).toBeUndefined();
    expect(origins.headersFor(app, host)).toContainEqual(['access-control-allow-origin', app]);
    expect(origins.headersFor('', host)).toEqual([['vary', 'origin']]);
    expect(new Origins(['*']).refusal('null', host)).toBeUndefined();
  });

  it('is set by a list', () => {
    expect(originsSetting.parse(`${app}, http://localhost:5173`)).toEqual([app, 'http://localhost:5173']);
    expect(originsSetting.parse('*')).toEqual(['*']);
    for (const wrong of ['', 'app.example.org', `${app}/`, `${app}/x`, 'https://*.example.org'])
      expect(originsSetting.safeParse(wrong).success, wrong).toBe(false);
  });
});
