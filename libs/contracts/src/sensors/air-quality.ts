import { airQualityIndex, type AirQualityIndex, type MicrogramsPerCubicMeter } from '../units.js';

/**
 * The air quality index for fine particles (PM2.5) with the breakpoints that the EPA set in May 2024.
 * Concentrations are cut to one decimal before the table is read, so 9.09 is 9.0 (good) and 9.1 is moderate.
 */
const breakpoints = [
  { pm25Low: 0, pm25High: 9.0, aqiLow: 0, aqiHigh: 50, category: 'Good' },
  { pm25Low: 9.1, pm25High: 35.4, aqiLow: 51, aqiHigh: 100, category: 'Moderate' },
  { pm25Low: 35.5, pm25High: 55.4, aqiLow: 101, aqiHigh: 150, category: 'Unhealthy for Sensitive Groups' },
  { pm25Low: 55.5, pm25High: 125.4, aqiLow: 151, aqiHigh: 200, category: 'Unhealthy' },
  { pm25Low: 125.5, pm25High: 225.4, aqiLow: 201, aqiHigh: 300, category: 'Very Unhealthy' },
  { pm25Low: 225.5, pm25High: 325.4, aqiLow: 301, aqiHigh: 500, category: 'Hazardous' },
] as const;

type Breakpoint = (typeof breakpoints)[number];
export type AirQualityCategory = Breakpoint['category'];

const worst: Breakpoint = breakpoints[5];

/**
 * The index of a concentration. Beyond the table the last slope goes on, as the EPA does for concentrations above 325.4.
 *
 * @throws RangeError for a negative concentration: no sensor should be believed that reports one
 */
export function pm25ToAirQualityIndex(pm25: MicrogramsPerCubicMeter): AirQualityIndex {
  if (!(pm25 >= 0)) throw new RangeError(`A concentration of ${pm25} µg/m³ is impossible.`);
  // Floating point holds 35.5 * 10 as 355 but 1.1 * 10 as 11.000000000000002; the small addend keeps edges on their side.
  const cut = Math.floor(pm25 * 10 + 1e-6) / 10;
  const row = breakpoints.find(({ pm25High }) => cut <= pm25High) ?? worst;
  const slope = (row.aqiHigh - row.aqiLow) / (row.pm25High - row.pm25Low);
  return airQualityIndex(Math.round(slope * (cut - row.pm25Low) + row.aqiLow));
}

/** The word for an index, as the EPA writes it. */
export function airQualityCategory(aqi: number): AirQualityCategory {
  return (breakpoints.find(({ aqiHigh }) => aqi <= aqiHigh) ?? worst).category;
}
