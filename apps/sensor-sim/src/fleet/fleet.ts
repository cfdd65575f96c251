import type { City, SensorReading } from '@isobar/contracts';
import { sensorsOf, type Sensor } from './sensor.js';

/** All sensors, ordered by the moment of their interval at which they measure. */
export class Fleet {
  private sensors: readonly Sensor[] = [];
  private readonly byId = new Map<string, Sensor>();
  private readonly paused = new Set<string>();
  private readonly latest = new Map<string, SensorReading>();

  constructor(
    private readonly sensorsPerCity: number,
    private readonly seed: number,
  ) {}

  /** Puts up the sensors of these cities and takes down the others; a sensor that stays keeps its state. */
  standIn(cities: readonly City[]): void {
    this.byId.clear();
    for (const city of cities)
      for (const sensor of sensorsOf(city, this.sensorsPerCity, this.seed)) this.byId.set(sensor.id, sensor);
    this.sensors = [...this.byId.values()].sort((a, b) => a.phase - b.phase || (a.id < b.id ? -1 : 1));
    for (const id of [...this.paused, ...this.latest.keys()])
      if (!this.byId.has(id)) {
        this.paused.delete(id);
        this.latest.delete(id);
      }
  }

  /** Sorted by `phase`. */
  all(): readonly Sensor[] {
    return this.sensors;
  }

  get(id: string): Sensor | undefined {
    return this.byId.get(id);
  }

  isPaused(id: string): boolean {
    return this.paused.has(id);
  }

  /** @returns whether it was not paused */
  pause(id: string): boolean {
    if (this.paused.has(id)) return false;
    this.paused.add(id);
    return true;
  }

  /** @returns whether it was paused */
  resume(id: string): boolean {
    return this.paused.delete(id);
  }

  get pausedCount(): number {
    return this.paused.size;
  }

  remember(sensorId: string, reading: SensorReading): void {
    this.latest.set(sensorId, reading);
  }

  latestReading(sensorId: string): SensorReading | undefined {
    return this.latest.get(sensorId);
  }
}
