/** Bands of the US Air Quality Index, EPA-454/B-24-002 (May 2024), Table 2. The upper ends belong to the band. */
const airQualityBands = [
  { band: 1, upTo: 50, word: 'Good' },
  { band: 2, upTo: 100, word: 'Moderate' },
  { band: 3, upTo: 150, word: 'Unhealthy for Sensitive Groups' },
  { band: 4, upTo: 200, word: 'Unhealthy' },
  { band: 5, upTo: 300, word: 'Very Unhealthy' },
  { band: 6, upTo: Number.POSITIVE_INFINITY, word: 'Hazardous' },
] as const;

export type AirQualityBand = (typeof airQualityBands)[number];

/** The band of an index value; values between two bands (a mean of 50.4) are rounded to the nearest whole first. */
export function airQualityBand(index: number): AirQualityBand {
  const whole = Math.round(index);
  return airQualityBands.find(({ upTo }) => whole <= upTo) ?? airQualityBands[5];
}
