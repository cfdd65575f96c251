import { describe, expect, it } from '@jest/globals';
import { weatherObservationV1, type City } from '@isobar/contracts';
import { observationSchema } from '../nws/answers.js';
import { toObservationEvent } from './to-observation-event.js';

const city: City = {
  id: 'chicago-il',
  name: 'Chicago',
  state: 'IL',
  latitude: 41.8781,
  longitude: -87.6298,
  timeZone: 'America/Chicago',
};

const event = (properties: Record<string, unknown>, fetchedAtMs = 1) =>
  toObservationEvent(
    city,
    'KMDW',
    observationSchema.parse({ properties: { timestamp: '2026-01-20T17:51:00+00:00', ...properties } }),
    fetchedAtMs,
  );
const quantity = (unit: string, value: unknown, qualityControl?: string) => ({
  unitCode: unit,
  value,
  ...(qualityControl === undefined ? {} : { qualityControl }),
});

describe('a station’s answer as an event', () => {
  it('has every value in its unit, converted once', () => {
    const { value, quality } = event({
      textDescription: 'Clear',
      temperature: quantity('wmoUnit:degC', 22, 'V'),
      relativeHumidity: quantity('wmoUnit:percent', 41.5, 'C'),
      windSpeed: quantity('wmoUnit:km_h-1', 16.09344, 'S'),
      barometricPressure: quantity('wmoUnit:Pa', 101_325, 'V'),
    });
    expect(value).toMatchObject({
      city: 'Chicago',
      state: 'IL',
      temperature_f: 71.6,
      humidity_pct: 41.5,
      wind_mph: 10,
      pressure_hpa: 1013.25,
      conditions: 'Clear',
      station_id: 'KMDW',
      source: 'nws',
      observed_at: Date.parse('2026-01-20T17:51:00Z'),
    });
    expect(quality).toBe('temperature=V humidity=C wind=S pressure=V');
    expect(() => weatherObservationV1.toRecord(city.id, value)).not.toThrow();
  });

  it('knows the units and flags of other years', () => {
    const { value } = event({
      temperature: quantity('unit:degF', '50', 'qc:V'),
      windSpeed: quantity('unit:m_s-1', 4.4704, 'qc:V'),
    });
    expect(value).toMatchObject({ temperature_f: 50, wind_mph: 10 });
  });

  it('keeps null as null and drops what is rejected, unknown or impossible', () => {
    const { value } = event({
      textDescription: '',
      temperature: quantity('wmoUnit:degC', null, 'Z'),
      relativeHumidity: quantity('wmoUnit:percent', 50, 'X'),
      windSpeed: quantity('wmoUnit:knots', 10, 'V'),
      barometricPressure: quantity('wmoUnit:Pa', 9.969e36, 'V'),
    });
    expect(value).toMatchObject({
      temperature_f: null,
      humidity_pct: null,
      wind_mph: null,
      pressure_hpa: null,
      conditions: null,
    });
  });

  it('computes humidity from the dew point where only that came', () => {
    const { value } = event({
      temperature: quantity('wmoUnit:degC', 20, 'V'),
      dewpoint: quantity('wmoUnit:degC', 9.3, 'V'),
      relativeHumidity: quantity('wmoUnit:percent', null, 'V'),
    });
    expect(value.humidity_pct).toBeCloseTo(50.2, 0);
  });

  it('has the same id for the same record however often it is fetched, and another for a revision', () => {
    const first = event({ temperature: quantity('wmoUnit:degC', 20, 'V') }, 1);
    const again = event({ temperature: quantity('wmoUnit:degC', 20, 'V') }, 2);
    const revised = event({ temperature: quantity('wmoUnit:degC', 21, 'V') }, 3);
    expect(again.value.event_id).toBe(first.value.event_id);
    expect(revised.value.event_id).not.toBe(first.value.event_id);
  });
});
