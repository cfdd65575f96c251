import type { City } from '@isobar/contracts';
import { observationSchema, pointSchema, readAnswer, stationsSchema } from '../nws/answers.js';
import type { NwsClient } from '../nws/nws-client.js';
import { NwsError } from '../nws/nws-error.js';
import type { CityObservation, ObservationSource } from './observation-source.js';
import { toObservationEvent } from './to-observation-event.js';

const dayMs = 86_400_000;
/** Stations report every 20 to 60 minutes; asking more often brings the same record. */
const observationMinFreshMs = 10 * 60_000;
/** An older record is no news: the next station may have a younger one. */
const observationAgeMaxMs = 90 * 60_000;
const stationsMax = 4;

/** Latest observations of the stations nearest to a city. */
export class NationalWeatherSource implements ObservationSource {
  constructor(
    private readonly client: NwsClient,
    private readonly now: () => number,
  ) {}

  /** The first station, nearest first, whose record is young and has a temperature; else the youngest of what came. */
  async observe(city: City): Promise<CityObservation> {
    let best: CityObservation | undefined;
    let lastError: NwsError | undefined;
    for (const stationId of await this.stationsOf(city)) {
      try {
        const observation = await this.observeStation(city, stationId);
        const isYoung = observation.value.observed_at >= this.now() - observationAgeMaxMs;
        if (isYoung && observation.value.temperature_f !== null) return observation;
        if (best === undefined || rank(observation) > rank(best)) best = observation;
      } catch (error) {
        if (!(error instanceof NwsError) || !isStationsOwn(error)) throw error;
        lastError = error;
      }
    }
    if (best !== undefined) return best;
    throw lastError ?? new NwsError('no-data', `No station near ${city.name}, ${city.state}`);
  }

  private async observeStation(city: City, stationId: string): Promise<CityObservation> {
    const { body, fetchedAtMs } = await this.client.get(`/stations/${stationId}/observations/latest`, {
      minFreshMs: observationMinFreshMs,
    });
    return toObservationEvent(city, stationId, readAnswer(observationSchema, body, 'observation'), fetchedAtMs);
  }

  private async stationsOf(city: City): Promise<readonly string[]> {
    const cell = await this.cellOf(city);
    const { body } = await this.client.get(`/gridpoints/${cell}/stations`, { minFreshMs: dayMs });
    const ids = readAnswer(stationsSchema, body, 'list of stations').features.map(
      ({ properties }) => properties.stationIdentifier,
    );
    // Airports deliver everything; citizens' stations and harbours often only a part.
    const airports = ids.filter((id) => /^[KP][A-Z]{3}$/.test(id));
    return [...airports, ...ids.filter((id) => !airports.includes(id))].slice(0, stationsMax);
  }

  /** `OKX/33,35`. */
  private async cellOf(city: City): Promise<string> {
    const path = `/points/${canonical(city.latitude)},${canonical(city.longitude)}`;
    const { body } = await this.client.get(path, { minFreshMs: dayMs });
    const { gridId, cwa, gridX, gridY } = readAnswer(pointSchema, body, 'point').properties;
    const office = gridId ?? cwa;
    if (office === null || office === undefined) throw new NwsError('unusable-answer', 'The point names no office');
    return `${office}/${gridX},${gridY}`;
  }
}

/** Four decimals at most and no trailing zero: anything else is answered with a redirect. */
export const canonical = (degrees: number): string => String(Math.round(degrees * 10_000) / 10_000 + 0);

/** A record with a temperature before one without, then the younger. */
const rank = ({ value }: CityObservation): number => value.observed_at + (value.temperature_f === null ? 0 : 1e15);

/** Trouble of one station, not of the service. */
const isStationsOwn = (error: NwsError): boolean =>
  error.kind === 'no-data' || error.kind === 'unusable-answer' || error.kind === 'refused';
