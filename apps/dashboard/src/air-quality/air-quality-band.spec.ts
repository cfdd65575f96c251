import { describe, expect, it } from '@jest/globals';
import { airQualityBand } from './air-quality-band.js';

describe('airQualityBand', () => {
  it.each([
    [0, 1, 'Good'],
    [50, 1, 'Good'],
    [50.4, 1, 'Good'],
    [51, 2, 'Moderate'],
    [100, 2, 'Moderate'],
    [101, 3, 'Unhealthy for Sensitive Groups'],
    [150, 3, 'Unhealthy for Sensitive Groups'],
    [151, 4, 'Unhealthy'],
    [200, 4, 'Unhealthy'],
    [201, 5, 'Very Unhealthy'],
    [300, 5, 'Very Unhealthy'],
    [301, 6, 'Hazardous'],
    [900, 6, 'Hazardous'],
  ])('%d is band %d, %s', (index, band, word) => {
    expect(airQualityBand(index)).toMatchObject({ band, word });
  });
});
