import { fahrenheit, hectopascals, microgramsPerCubicMeter, percent, type SensorReading } from '@isobar/contracts';
import type { Sensor } from '../fleet/sensor.js';
import type { Signal } from '../signal/reading.js';
import type { Effect, Scenario, Where } from './scenario.js';

/** A scenario at work, counted from a moment of the simulated time; `cities` narrows it to some. */
export interface ActiveScenario {
  readonly scenario: Scenario;
  readonly startedAtMs: number;
  readonly cities: readonly string[] | undefined;
}

/** A reading to be sent, `delayMs` of simulated time after it was measured. */
export interface Delivery {
  readonly reading: SensorReading;
  readonly delayMs: number;
}

const hourMs = 3_600_000;

/** The scenarios at work. Several may be; they act in the order of their start. */
export class ActiveScenarios {
  private readonly active = new Map<string, ActiveScenario>();
  /** The signal at which a stuck sensor stays, by scenario and sensor. */
  private readonly stuckAt = new Map<string, Signal>();
  /** The reading that an unorderly sensor holds back. */
  private readonly heldBack = new Map<string, SensorReading>();

  all(): readonly ActiveScenario[] {
    return [...this.active.values()];
  }

  get(name: string): ActiveScenario | undefined {
    return this.active.get(name);
  }

  /** A scenario that is at work goes on as it is. @returns whether it was at rest */
  start(scenario: Scenario, startedAtMs: number, cities?: readonly string[]): boolean {
    if (this.active.has(scenario.name)) return false;
    this.active.set(scenario.name, { scenario, startedAtMs, cities });
    return true;
  }

  /** @returns whether it was at work */
  stop(name: string): boolean {
    for (const key of this.stuckAt.keys()) if (key.startsWith(`${name}:`)) this.stuckAt.delete(key);
    return this.active.delete(name);
  }

  /** What the sensor senses under the scenarios. */
  bend(sensor: Sensor, atMs: number, signal: Signal): Signal {
    let bent = signal;
    for (const { effect, active } of this.effectsOn(sensor)) bent = this.bendBy(effect, active, sensor, atMs, bent);
    return bent;
  }

  /** What of a reading is sent, and when: not at all, once, several times, later, in another order. */
  deliver(sensor: Sensor, reading: SensorReading): readonly Delivery[] {
    let deliveries: readonly Delivery[] = [{ reading, delayMs: 0 }];
    let isUnorderly = false;
    for (const { effect } of this.effectsOn(sensor)) {
      if (effect.kind === 'silent') deliveries = [];
      else if (effect.kind === 'duplicated')
        deliveries = deliveries.flatMap((delivery) => Array.from({ length: effect.copies }, () => delivery));
      else if (effect.kind === 'late')
        deliveries = deliveries.map((delivery) => ({ ...delivery, delayMs: delivery.delayMs + effect.delayMs }));
      else if (effect.kind === 'out-of-order') isUnorderly = true;
    }
    return isUnorderly || this.heldBack.has(sensor.id) ? this.reorder(sensor.id, deliveries, isUnorderly) : deliveries;
  }

  private reorder(sensorId: string, deliveries: readonly Delivery[], isUnorderly: boolean): readonly Delivery[] {
    const held = this.heldBack.get(sensorId);
    const [first] = deliveries;
    if (held !== undefined) {
      this.heldBack.delete(sensorId);
      return [...deliveries, { reading: held, delayMs: 0 }];
    }
    if (!isUnorderly || first === undefined) return deliveries;
    this.heldBack.set(sensorId, first.reading);
    return deliveries.slice(1);
  }

  private bendBy(effect: Effect, active: ActiveScenario, sensor: Sensor, atMs: number, signal: Signal): Signal {
    const elapsedMs = Math.max(0, atMs - active.startedAtMs);
    switch (effect.kind) {
      case 'shift': {
        const share = effect.rampMs === 0 ? 1 : Math.min(1, elapsedMs / effect.rampMs);
        return {
          temperatureF: fahrenheit(signal.temperatureF + share * effect.temperatureF),
          humidityPct: percent(Math.min(100, Math.max(0, signal.humidityPct + share * effect.humidityPct))),
          pressureHpa: hectopascals(signal.pressureHpa + share * effect.pressureHpa),
          pm25Ugm3: microgramsPerCubicMeter(Math.max(0, signal.pm25Ugm3 + share * effect.pm25Ugm3)),
        };
      }
      case 'stuck': {
        const key = `${active.scenario.name}:${sensor.id}`;
        const held = this.stuckAt.get(key) ?? signal;
        this.stuckAt.set(key, held);
        return held;
      }
      case 'impossible':
        return {
          ...signal,
          ...(effect.temperatureF === undefined ? {} : { temperatureF: fahrenheit(effect.temperatureF) }),
          ...(effect.humidityPct === undefined ? {} : { humidityPct: percent(effect.humidityPct) }),
          ...(effect.pm25Ugm3 === undefined ? {} : { pm25Ugm3: microgramsPerCubicMeter(effect.pm25Ugm3) }),
        };
      case 'drifting':
        return {
          ...signal,
          temperatureF: fahrenheit(signal.temperatureF + (elapsedMs / hourMs) * effect.temperatureFPerHour),
        };
      case 'silent':
      case 'duplicated':
      case 'late':
      case 'out-of-order':
        return signal;
    }
  }

  private *effectsOn(sensor: Sensor): Generator<{ effect: Effect; active: ActiveScenario }> {
    for (const active of this.active.values()) {
      if (active.cities !== undefined && !active.cities.includes(sensor.city.id)) continue;
      for (const effect of active.scenario.effects) if (concerns(effect.where, sensor)) yield { effect, active };
    }
  }
}

function concerns({ cities, sensors }: Where, sensor: Sensor): boolean {
  if (cities !== undefined && !cities.includes(sensor.city.id)) return false;
  if (sensors === 'all') return true;
  return sensors === 'first-of-each-city' ? sensor.number === 1 : sensors.includes(sensor.number);
}
