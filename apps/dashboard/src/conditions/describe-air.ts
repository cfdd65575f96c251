import { z } from 'zod';
import { airQualityBand } from '../air-quality/air-quality-band.js';
import type { CityAir } from '../air-quality/city-air.js';
import { figure, figureSchema, type Origin } from './figure.js';

export const airQualitySchema = figureSchema(z.number()).extend({
  band: z.number().nullable().describe('1 (Good) to 6 (Hazardous)'),
  category: z.string().nullable().describe("the band's name by the EPA"),
  averaging: z.string().describe('what the number is a mean of'),
});

/** One number for card, headline and the verdicts of people. */
export const cityAirSchema = airQualitySchema.extend({
  sensorsUsed: z.number().describe('the sensors that the number is the middle of'),
  sensorsLeftOut: z.number().describe('the others that spoke within a day: flagged, silent or without fine particles'),
  windowMs: z.number().describe('how long a reading counts'),
});

type AirQuality = z.infer<typeof airQualitySchema>;
export type CityAirDescription = z.infer<typeof cityAirSchema>;

/** How long a reading counts: a minute, and three intervals of slow sensors. */
export const airWindowMs = (sensorIntervalMs: number): number => Math.max(60_000, 3 * sensorIntervalMs);

export function describeAirQuality(
  value: number | null | undefined,
  origin: Origin,
  averaging: string,
  now: number,
): AirQuality {
  const index = figure(value === null || value === undefined ? null : Math.round(value), origin, now);
  const band = index.value === null ? null : airQualityBand(index.value);
  return { ...index, band: band?.band ?? null, category: band?.word ?? null, averaging };
}

/** @param limits how old the newest reading behind the number may be, and how long a reading counts */
export function describeCityAir(
  { index, at, sensorsUsed, sensorsLeftOut, onlySensor }: CityAir,
  limits: { readonly staleAfterMs: number; readonly windowMs: number },
  now: number,
): CityAirDescription {
  const isKnown = at !== null || sensorsLeftOut > 0;
  const origin: Origin = {
    source: isKnown ? (onlySensor ?? 'sensors') : null,
    // Sensors that speak and cannot be trusted: there is a moment, but no value.
    at: at ?? (isKnown ? now : null),
    staleAfterMs: limits.staleAfterMs,
  };
  const averaging = averagingOf(sensorsUsed, sensorsLeftOut, limits.windowMs);
  const air = describeAirQuality(index, origin, averaging, now);
  // The last number stays, but nobody vouches for it any longer.
  const state = air.state === 'live' && sensorsUsed === 0 ? 'stale' : air.state;
  return { ...air, state, sensorsUsed, sensorsLeftOut, windowMs: limits.windowMs };
}

function averagingOf(used: number, leftOut: number, windowMs: number): string {
  const span = windowMs <= 60_000 ? 'last minute' : `last ${Math.round(windowMs / 60_000)} minutes`;
  const all = used + leftOut;
  if (used === 0) return all === 0 ? 'no sensor yet' : `none of ${countOf(all)} can be trusted now`;
  const rest = leftOut === 0 ? '' : `, ${leftOut} left out`;
  const who = used === 1 ? 'one sensor' : `median of ${countOf(used)}`;
  return `${who}${rest}, ${span}; not the official 24-hour index`;
}

const countOf = (sensors: number): string => (sensors === 1 ? '1 sensor' : `${sensors} sensors`);
