import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.ts';

describe('what is asked of a load', () => {
  it('is a scenario, and no more than that where nothing else is said', () => {
    expect(readArguments(['smoke'])).toEqual({ scenario: 'smoke', json: false });
  });

  it.each([
    ['30s', 30],
    ['2m', 120],
    ['1h', 3_600],
  ])('lasts %s', (duration, seconds) => {
    const asked = readArguments([
      'soak',
      '--users',
      '40',
      '--duration',
      duration,
      '--url',
      'https://a.example',
    ]);
    expect(asked).toEqual({ scenario: 'soak', json: false, users: 40, seconds, url: 'https://a.example' });
  });

  it.each([
    [[], 'Name one scenario.'],
    [['ramp', 'soak'], 'Name one scenario.'],
    [['flood'], 'Name one scenario.'],
    [['ramp', '--users', 'many'], '--users is "many"'],
    [['ramp', '--users', '3'], '--users is "3"'],
    [['ramp', '--duration', '90'], '--duration is "90"'],
    [['ramp', '--duration', '5s'], '--duration is "5s"'],
    [['smoke', '--duration', '30s'], 'leave out --duration'],
    [['ramp', '--url', 'meet.example.org'], '--url is "meet.example.org"'],
    [['ramp', '--fast'], '--fast'],
  ])('%j is refused with what is wrong', (args, words) => {
    expect(readArguments(args)).toContain(words);
  });
});
