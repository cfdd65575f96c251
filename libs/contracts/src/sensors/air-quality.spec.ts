import { describe, expect, it } from '@jest/globals';
import { microgramsPerCubicMeter } from '../units.js';
import { airQualityCategory, pm25ToAirQualityIndex } from './air-quality.js';

describe('the air quality index (EPA, May 2024)', () => {
  it.each([
    [0, 0],
    [9.0, 50],
    [9.09, 50],
    [9.1, 51],
    [35.4, 100],
    [35.49, 100],
    [35.5, 101],
    [55.4, 150],
    [55.5, 151],
    [125.4, 200],
    [125.5, 201],
    [225.4, 300],
    [225.5, 301],
    [325.4, 500],
  ])('of %d µg/m³ is %d', (pm25, aqi) => {
    expect(pm25ToAirQualityIndex(microgramsPerCubicMeter(pm25))).toBe(aqi);
  });

  it('lies on the line between the edges and goes on beyond the table', () => {
    expect(pm25ToAirQualityIndex(microgramsPerCubicMeter(4.5))).toBe(25);
    expect(pm25ToAirQualityIndex(microgramsPerCubicMeter(20.0))).toBe(71);
    expect(pm25ToAirQualityIndex(microgramsPerCubicMeter(400))).toBeGreaterThan(500);
    expect(() => pm25ToAirQualityIndex(microgramsPerCubicMeter(-1))).toThrow(RangeError);
  });

  it('has words', () => {
    expect([0, 50, 51, 150, 151, 301, 700].map(airQualityCategory)).toEqual([
      'Good',
      'Good',
      'Moderate',
      'Unhealthy for Sensitive Groups',
      'Unhealthy',
      'Hazardous',
      'Hazardous',
    ]);
  });
});
