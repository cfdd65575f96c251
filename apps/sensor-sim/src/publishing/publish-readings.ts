import { sensorReadingV1, type SensorReading } from '@isobar/contracts';
import { BufferFullError, type RecordProducer } from '@isobar/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { dueMeasurements, nextDueMs } from '../fleet/due-measurements.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Sensor } from '../fleet/sensor.js';
import type { ActiveScenarios } from '../scenarios/active-scenarios.js';
import { normalSignal, toReading } from '../signal/reading.js';
import type { SimulatedClock } from './simulated-clock.js';

export interface PublishReadingsOptions {
  readonly seed: number;
  readonly intervalMs: number;
  readonly onPublished: (count: number) => void;
  readonly onDropped: (reason: 'buffer-full' | 'refused') => void;
}

/** Waking up more often than this gains nothing: due readings are sent together. */
const wakeUpMs = 10;
/** After a standstill (a suspended laptop) this much is made up for, and no more. */
const catchUpIntervals = 3;

/** Lets the sensors measure when they are due and publishes what they say. */
export class PublishReadings {
  private intervalMsNow: number;
  private readonly stopping = new AbortController();
  private wake = new AbortController();

  constructor(
    private readonly fleet: Fleet,
    private readonly scenarios: ActiveScenarios,
    private readonly clock: SimulatedClock,
    private readonly producer: Pick<RecordProducer, 'send'>,
    private readonly options: PublishReadingsOptions,
    private readonly log: Logger,
  ) {
    this.intervalMsNow = options.intervalMs;
  }

  get intervalMs(): number {
    return this.intervalMsNow;
  }

  /** The new pace holds from now on. */
  setInterval(intervalMs: number): void {
    this.intervalMsNow = intervalMs;
    this.wake.abort();
  }

  stop(): void {
    this.stopping.abort();
    this.wake.abort();
  }

  /** Runs until it is stopped. The first interval is measured at once, so that every city has data from the start. */
  async run(): Promise<void> {
    // The clock runs while the broker is waited for, and a lapse may end while this sleeps: there are hours to make up for then, and
    // none of them is skipped.
    const { lapseStartMs } = this.clock;
    let doneMs = (lapseStartMs ?? this.clock.nowMs()) - this.intervalMsNow;
    let wasLapsing = lapseStartMs !== undefined;
    while (!this.stopping.signal.aborted) {
      const isLapsing = this.clock.isLapsing;
      const untilMs = this.clock.nowMs();
      const fromMs =
        isLapsing || wasLapsing ? doneMs : Math.max(doneMs, untilMs - catchUpIntervals * this.intervalMsNow);
      wasLapsing = isLapsing;
      this.publish(fromMs, untilMs);
      doneMs = untilMs;
      const dueInMs = nextDueMs(this.fleet.all(), untilMs, this.intervalMsNow) - this.clock.nowMs();
      this.wake = new AbortController();
      await sleep(Math.min(Math.max(wakeUpMs, this.clock.toRealMs(dueInMs)), 1_000), undefined, {
        signal: this.wake.signal,
      }).catch(() => undefined);
    }
  }

  private publish(fromMs: number, toMs: number): void {
    for (const { sensor, atMs } of dueMeasurements(this.fleet.all(), fromMs, toMs, this.intervalMsNow)) {
      if (this.fleet.isPaused(sensor.id)) continue;
      const signal = this.scenarios.bend(sensor, atMs, normalSignal(sensor, atMs, this.options.seed));
      for (const { reading, delayMs } of this.scenarios.deliver(sensor, toReading(sensor, atMs, signal))) {
        if (delayMs === 0) this.send(sensor, reading);
        else this.sendLater(sensor, reading, this.clock.toRealMs(delayMs));
      }
    }
  }

  private sendLater(sensor: Sensor, reading: SensorReading, delayMs: number): void {
    void sleep(delayMs, undefined, { signal: this.stopping.signal }).then(
      () => this.send(sensor, reading),
      () => undefined,
    );
  }

  private send(sensor: Sensor, reading: SensorReading): void {
    this.fleet.remember(sensor.id, reading);
    const record = sensorReadingV1.toRecord(sensor.id, reading, {
      'event-id': reading.event_id,
      source: reading.source,
    });
    this.producer.send({ ...record, headers: { ...record.headers } }).then(
      () => this.options.onPublished(1),
      (error: unknown) => {
        this.options.onDropped(error instanceof BufferFullError ? 'buffer-full' : 'refused');
        this.log.debug({ err: error, sensor: sensor.id }, 'a reading was dropped');
      },
    );
  }
}
