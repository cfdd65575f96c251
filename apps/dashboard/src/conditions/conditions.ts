import { CityCatalog, type City } from '@isobar/contracts';
import { CONFIG } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { DashboardConfig } from '../config.js';
import { ConditionsView } from './conditions-view.js';
import { describeSensorHealth } from './describe-sensor-health.js';
import {
  describeAverage,
  describeCity,
  describePerson,
  describeUserConditions,
  staleLimits,
  type AverageDescription,
  type CityDescription,
  type Person,
  type StaleLimits,
  type UserConditions,
} from './describe.js';

/** The city of the records that prove the pipeline works; nobody lives there, and no list shows it. */
const probeCityId = 'isobar-probe';

/** What is shown of cities and people, described at the moment of asking. */
@Injectable()
export class Conditions {
  private readonly limits: StaleLimits;
  private peopleCache: { readonly change: number; readonly people: readonly Person[] } = { change: -1, people: [] };

  constructor(
    private readonly view: ConditionsView,
    private readonly catalog: CityCatalog,
    @Inject(CONFIG) config: DashboardConfig,
  ) {
    this.limits = staleLimits(config.SENSOR_INTERVAL_MS, config.WEATHER_POLL_INTERVAL_MS);
  }

  cities(now = Date.now()): CityDescription[] {
    return this.catalog.all().map((city) => this.describe(city, now));
  }

  city(id: string, now = Date.now()): CityDescription | undefined {
    const city = this.catalog.get(id);
    return city && this.describe(city, now);
  }

  /** Cities whose records changed after the given change. */
  citiesSince(change: number, now = Date.now()): CityDescription[] {
    return this.catalog
      .all()
      .filter((city) => this.view.cityChangeNumber(city.id) > change)
      .map((city) => this.describe(city, now));
  }

  /** The windows of the last hour, oldest first. */
  averages(cityId: string, now = Date.now()): AverageDescription[] {
    const measuredAt = this.view.city(cityId)?.SENSOR_MEASURED_AT ?? null;
    return this.view.averagesOf(cityId).map((window) => describeAverage(window, measuredAt, this.limits, now));
  }

  /** Everybody but the probe's people, by city and name. */
  people(): readonly Person[] {
    const change = this.view.peopleChangeNumber;
    if (this.peopleCache.change !== change) {
      const people = this.view
        .allUsers()
        .map(([id, record]) => describePerson(id, record))
        .filter(({ cityId }) => cityId !== probeCityId)
        .sort((a, b) => order(a).localeCompare(order(b)));
      this.peopleCache = { change, people };
    }
    return this.peopleCache.people;
  }

  userConditions(id: number, now = Date.now()): UserConditions | undefined {
    const record = this.view.user(id);
    if (record === null) return undefined;
    const air = this.view.airOf(record.CITY_KEY ?? '', now);
    return describeUserConditions(id, { record, air }, this.limits, now);
  }

  /** The change that last touched a person's conditions: their own, or the air of their city. */
  userChangeNumber(id: number): number {
    const cityId = this.view.user(id)?.CITY_KEY ?? '';
    return Math.max(this.view.userChangeNumber(id), this.view.airChangeNumber(cityId));
  }

  private describe(city: City, now: number): CityDescription {
    const people = this.people().filter(({ cityId }) => cityId === city.id).length;
    const average = this.view.averagesOf(city.id).at(-1);
    const sensorHealth = describeSensorHealth(this.view.sensorsOf(city.id), now);
    const air = this.view.airOf(city.id, now);
    return describeCity(
      city,
      {
        ...{ record: this.view.city(city.id), air, average, people, sensorHealth },
        weatherHealth: this.view.weatherHealthOf(city.id),
        fastStations: this.view.fastStationsOf(city.id),
      },
      this.limits,
      now,
    );
  }
}

const order = (person: Person): string => `${person.city ?? '\uffff'}\u0000${person.fullName}\u0000${person.id}`;
