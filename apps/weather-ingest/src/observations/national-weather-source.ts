import { eventAheadMaxMsDefault, isTooFarAhead, type City } from '@isobar/contracts';
import { observationSchema, oddValues, readAnswer } from '../nws/answers.js';
import type { NwsClient } from '../nws/nws-client.js';
import { NwsError } from '../nws/nws-error.js';
import type { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import type { CityObservation, ObservationSource } from './observation-source.js';
import { StationClocks } from './station-clocks.js';
import { toObservationEvent } from './to-observation-event.js';

/** Stations report every 20 to 60 minutes; asking more often brings the same record. */
const observationMinFreshMs = 10 * 60_000;
/** An older record is no news: the next station may have a younger one. */
const observationAgeMaxMs = 90 * 60_000;

/** Latest observations of the stations nearest to a city. */
export class NationalWeatherSource implements ObservationSource {
  constructor(
    private readonly client: NwsClient,
    private readonly places: Places,
    private readonly now: () => number,
    private readonly aheadMaxMs: number = eventAheadMaxMsDefault,
    private readonly refusals = new Refusals(),
    private readonly clocks = new StationClocks(),
  ) {}

  /**
   * The first station, nearest first, whose record is young and has a temperature; else the youngest of what came. A record from
   * the future is none: published, it would make every good one after it look old.
   */
  async observe(city: City): Promise<CityObservation> {
    let best: CityObservation | undefined;
    let lastError: NwsError | undefined;
    let faults = 0;
    for (const stationId of await this.places.stationsOf(city)) {
      try {
        const observation = await this.observeStation(city, stationId, faults === 0);
        const isYoung = observation.value.observed_at >= this.now() - observationAgeMaxMs;
        if (isYoung && observation.value.temperature_f !== null) return observation;
        if (best === undefined || rank(observation) > rank(best)) best = observation;
      } catch (error) {
        if (!(error instanceof NwsError)) throw error;
        lastError = error;
        if (isStationsOwn(error)) continue;
        // One station may fail alone; when a second one does, it is the service, and asking on would only burden it.
        faults += 1;
        if (faults > 1 || !mayBeStationsOwn(error)) break;
      }
    }
    if (best !== undefined) return best;
    throw lastError ?? new NwsError('no-data', `No station near ${city.name}, ${city.state}`);
  }

  private async observeStation(city: City, stationId: string, retry: boolean): Promise<CityObservation> {
    const { body, fetchedAtMs } = await this.client.get(`/stations/${stationId}/observations/latest`, {
      minFreshMs: observationMinFreshMs,
      isUrgent: true,
      retry,
    });
    try {
      const answer = readAnswer(observationSchema, body, 'observation');
      const observation = toObservationEvent(city, stationId, answer, fetchedAtMs);
      this.refuseTheFuture(city.id, stationId, observation.value.observed_at);
      for (const reason of oddValues(body))
        this.refusals.note({ what: 'value', reason, place: stationId, detail: `${stationId}: ${reason}` });
      return observation;
    } catch (error) {
      if (!(error instanceof NwsError)) throw error;
      const reason = error.kind === 'too-far-ahead' ? 'too far ahead' : 'odd record';
      this.refusals.note({ what: 'observation', reason, place: stationId, detail: error.message });
      throw error;
    }
  }

  private refuseTheFuture(cityId: string, stationId: string, observedAtMs: number): void {
    const nowMs = this.now();
    if (!isTooFarAhead(observedAtMs, nowMs, this.aheadMaxMs)) return this.clocks.taken(cityId, stationId);
    this.clocks.refused(cityId, { stationId, aheadMs: observedAtMs - nowMs, seenAtMs: nowMs });
    const at = new Date(observedAtMs).toISOString();
    throw new NwsError(
      'too-far-ahead',
      `${stationId} reports an observation of ${at}, more than ${this.aheadMaxMs} ms ahead of our clock (EVENT_AHEAD_MAX_MS)`,
    );
  }
}

/** A record with a temperature before one without, then the younger. */
const rank = ({ value }: CityObservation): number => value.observed_at + (value.temperature_f === null ? 0 : 1e15);

/** Trouble of one station, not of the service. */
const isStationsOwn = (error: NwsError): boolean =>
  ['no-data', 'unusable-answer', 'too-far-ahead', 'refused', 'held-back'].includes(error.kind);

const mayBeStationsOwn = (error: NwsError): boolean => error.kind === 'server-fault' || error.kind === 'unreachable';
