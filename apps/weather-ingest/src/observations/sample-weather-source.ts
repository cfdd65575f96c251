import { epochMs, eventId, roundTo, simulatedAtmosphere, type City } from '@isobar/contracts';
import type { CityObservation, ObservationSource } from './observation-source.js';

/** Simulated weather for when the weather service is out of reach. Every record says so: `source` is `sample`. */
export class SampleWeatherSource implements ObservationSource {
  constructor(
    private readonly seed: number,
    private readonly now: () => number,
  ) {}

  async observe(city: City): Promise<CityObservation> {
    const nowMs = this.now();
    const observedAtMs = Math.floor(nowMs / 1_000) * 1_000;
    const air = simulatedAtmosphere(city, observedAtMs, this.seed);
    return {
      city,
      quality: '',
      value: {
        event_id: eventId('weather-sample', city.id, observedAtMs),
        city: city.name,
        state: city.state,
        temperature_f: roundTo(air.temperatureF, 1),
        humidity_pct: roundTo(air.humidityPct, 1),
        wind_mph: roundTo(air.windMph, 1),
        pressure_hpa: roundTo(air.pressureHpa, 1),
        conditions: skyOf(air.cloudCover),
        station_id: null,
        source: 'sample',
        observed_at: epochMs(observedAtMs),
        fetched_at: epochMs(nowMs),
      },
    };
  }
}

function skyOf(cloudCover: number): string {
  if (cloudCover < 0.2) return 'Clear';
  if (cloudCover < 0.5) return 'Partly Cloudy';
  return cloudCover < 0.8 ? 'Mostly Cloudy' : 'Cloudy';
}
