import { Injectable } from '@nestjs/common';
import { CityAirs, type CityAir } from '../air-quality/city-air.js';
import type { FastStation } from './describe-weather-health.js';
import type {
  CityAverageRecord,
  CityConditionsRecord,
  SensorHealthRecord,
  UserConditionsRecord,
  WeatherHealthRecord,
} from './records.js';

/** Windows kept per city: one hour. */
const windowsMax = 12;

/** A younger reading behind the same air is told this often. */
const airAgeStepMs = 5_000;

/** A value with the number of the change that brought it, so that a reader can ask for what is newer. */
interface Entry<T> {
  readonly value: T;
  readonly changed: number;
}

/** The newest record of each city and person, in memory. Everything here can be read again from Kafka. */
@Injectable()
export class ConditionsView {
  private readonly cities = new Map<string, Entry<CityConditionsRecord | null>>();
  private readonly averages = new Map<string, Entry<readonly CityAverageRecord[]>>();
  private readonly weatherHealths = new Map<string, Entry<WeatherHealthRecord | null>>();
  private readonly fastStations = new Map<string, Entry<readonly FastStation[]>>();
  /** The sensors of each city. */
  private readonly sensors = new Map<string, Map<string, SensorHealthRecord>>();
  private readonly cityOfSensor = new Map<string, string>();
  private readonly sensorsChanged = new Map<string, number>();
  private readonly airs: CityAirs;
  /** What of each city's air was last told as a change. */
  private readonly airTold = new Map<string, string>();
  private readonly users = new Map<number, Entry<UserConditionsRecord | null>>();
  private changes = 0;
  private peopleChanged = 0;

  /** @param airWindowMs how long a reading counts for the air of its city */
  constructor(airWindowMs = 60_000) {
    this.airs = new CityAirs(airWindowMs);
  }

  /** Grows with each change. */
  get changeNumber(): number {
    return this.changes;
  }

  /** The change that last touched who is there and where they live. */
  get peopleChangeNumber(): number {
    return this.peopleChanged;
  }

  applyCity(cityId: string, value: CityConditionsRecord | null): void {
    this.cities.set(cityId, { value, changed: this.nextChange() });
  }

  applyAverage(cityId: string, windowStart: number, value: CityAverageRecord | null): void {
    const others = (this.averages.get(cityId)?.value ?? []).filter((window) => window.WINDOW_START !== windowStart);
    const windows = value === null ? others : [...others, value];
    windows.sort((a, b) => a.WINDOW_START - b.WINDOW_START);
    this.averages.set(cityId, { value: windows.slice(-windowsMax), changed: this.nextChange() });
  }

  applyWeatherHealth(cityId: string, value: WeatherHealthRecord | null): void {
    this.weatherHealths.set(cityId, { value, changed: this.nextChange() });
  }

  /** @param byCity all stations whose clocks run ahead; those of a city that is not in it are right */
  applyFastStations(byCity: ReadonlyMap<string, readonly FastStation[]>): void {
    for (const cityId of new Set([...this.fastStations.keys(), ...byCity.keys()])) {
      const value = byCity.get(cityId) ?? [];
      if (toldOf(value) === toldOf(this.fastStationsOf(cityId))) continue;
      this.fastStations.set(cityId, { value, changed: this.nextChange() });
    }
  }

  applyUser(userId: number, value: UserConditionsRecord | null): void {
    const before = this.users.get(userId)?.value;
    const change = this.nextChange();
    this.users.set(userId, { value, changed: change });
    if (listed(before) !== listed(value)) this.peopleChanged = change;
  }

  applySensor(sensorId: string, value: SensorHealthRecord | null): void {
    const cityBefore = this.cityOfSensor.get(sensorId) ?? '';
    const before = this.sensors.get(cityBefore)?.get(sensorId);
    const city = value?.CITY_KEY ?? '';
    if (city !== cityBefore) {
      this.sensors.get(cityBefore)?.delete(sensorId);
      this.cityOfSensor.delete(sensorId);
      this.airs.forget(sensorId, cityBefore);
    }
    if (value !== null && city !== '') {
      const ofCity = this.sensors.get(city) ?? new Map<string, SensorHealthRecord>();
      this.sensors.set(city, ofCity.set(sensorId, value));
      this.cityOfSensor.set(sensorId, city);
      this.airs.note(sensorId, value);
    }
    // Each reading brings a row; only another word about the sensor is a change to tell.
    if (before?.STATUS === value?.STATUS && city === cityBefore) return;
    for (const each of new Set([city, cityBefore])) this.sensorsChanged.set(each, this.nextChange());
  }

  /** Nothing that was said of that kind is true any more: its topic was made again. What is in the new one comes in as usual. */
  forgetAll(kind: 'cities' | 'averages' | 'sensors' | 'users' | 'weather'): void {
    if (kind === 'cities') for (const id of this.cities.keys()) this.applyCity(id, null);
    if (kind === 'averages')
      for (const id of this.averages.keys()) this.averages.set(id, { value: [], changed: this.nextChange() });
    if (kind === 'sensors') for (const id of [...this.cityOfSensor.keys()]) this.applySensor(id, null);
    if (kind === 'weather') for (const id of this.weatherHealths.keys()) this.applyWeatherHealth(id, null);
    if (kind === 'users') for (const id of this.users.keys()) this.applyUser(id, null);
  }

  /** What is known of the sensors of a city, by their ids. */
  sensorsOf(cityId: string): ReadonlyMap<string, SensorHealthRecord> {
    return this.sensors.get(cityId) ?? new Map<string, SensorHealthRecord>();
  }

  airOf(cityId: string, now: number): CityAir {
    return this.airs.of(cityId, now);
  }

  /** Lets the airs move with the time, several times a second, and notes those that look different as changed. */
  followAirs(now: number): void {
    for (const cityId of this.airs.cityIds()) {
      const { index, at, sensorsUsed, sensorsLeftOut } = this.airs.of(cityId, now);
      const told = `${index} ${sensorsUsed} ${sensorsLeftOut} ${Math.floor((at ?? 0) / airAgeStepMs)}`;
      if (told === this.airTold.get(cityId)) continue;
      this.airTold.set(cityId, told);
      this.sensorsChanged.set(cityId, this.nextChange());
    }
  }

  city(cityId: string): CityConditionsRecord | null {
    return this.cities.get(cityId)?.value ?? null;
  }

  weatherHealthOf(cityId: string): WeatherHealthRecord | null {
    return this.weatherHealths.get(cityId)?.value ?? null;
  }

  fastStationsOf(cityId: string): readonly FastStation[] {
    return this.fastStations.get(cityId)?.value ?? [];
  }

  /** Oldest first. */
  averagesOf(cityId: string): readonly CityAverageRecord[] {
    return this.averages.get(cityId)?.value ?? [];
  }

  cityChangeNumber(cityId: string): number {
    return Math.max(
      this.cities.get(cityId)?.changed ?? 0,
      this.averages.get(cityId)?.changed ?? 0,
      this.weatherHealths.get(cityId)?.changed ?? 0,
      this.fastStations.get(cityId)?.changed ?? 0,
      this.sensorsChanged.get(cityId) ?? 0,
    );
  }

  airChangeNumber(cityId: string): number {
    return this.sensorsChanged.get(cityId) ?? 0;
  }

  user(userId: number): UserConditionsRecord | null {
    return this.users.get(userId)?.value ?? null;
  }

  userChangeNumber(userId: number): number {
    return this.users.get(userId)?.changed ?? 0;
  }

  /** Everybody who is there. */
  allUsers(): [number, UserConditionsRecord][] {
    return [...this.users].flatMap(([id, { value }]): [number, UserConditionsRecord][] =>
      value === null ? [] : [[id, value]],
    );
  }

  private nextChange(): number {
    this.changes += 1;
    return this.changes;
  }
}

/** Its clock goes on while it is looked at; minutes are what is told. */
const toldOf = (stations: readonly FastStation[]): string =>
  stations.map(({ stationId, aheadMs }) => `${stationId} ${Math.round(aheadMs / 60_000)}`).join();

/** What a list of people shows of one of them. */
const listed = (user: UserConditionsRecord | null | undefined): string | undefined =>
  user ? JSON.stringify([user.USERNAME, user.FULL_NAME, user.CITY_KEY, user.CITY]) : undefined;
