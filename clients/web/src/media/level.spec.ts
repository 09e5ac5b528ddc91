import { describe, expect, it } from 'vitest';
import { meterPosition, rootMeanSquare } from './level.ts';

describe('loudness', () => {
  it('is the root of the mean square', () => {
    expect(rootMeanSquare(new Float32Array([0, 0]))).toBe(0);
    expect(rootMeanSquare(new Float32Array([0.5, -0.5]))).toBeCloseTo(0.5);
  });

  it('moves the meter by decibels, within its ends', () => {
    expect(meterPosition(0)).toBe(0);
    expect(meterPosition(0.001)).toBeCloseTo(0);
    expect(meterPosition(0.0224)).toBeCloseTo(0.5, 1);
    expect(meterPosition(1)).toBe(1);
  });
});
