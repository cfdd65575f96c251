import { CONFIG, Shutdown, tokenOf } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { DashboardConfig } from '../config.js';
import { ConditionsView } from './conditions-view.js';
import type { FastStation } from './describe-weather-health.js';

const lookAgainMs = 5_000;
const answerWithinMs = 3_000;

/** What is needed of `GET /status` at weather-ingest. */
const statusSchema = z.object({
  stations: z.array(z.object({ cityKey: z.string(), stationId: z.string(), aheadMs: z.number() })),
});

/** Which stations have clocks that run ahead: their observations are refused before any topic has them, so weather-ingest is asked. */
@Injectable()
export class StationWatch implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();

  constructor(
    private readonly view: ConditionsView,
    @Inject(CONFIG) private readonly config: DashboardConfig,
    shutdown: Shutdown,
  ) {
    shutdown.register('accepting', 'station watch', () => this.stopping.abort());
  }

  onApplicationBootstrap(): void {
    if (this.config.WEATHER_INGEST_URL !== undefined) void this.run();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // While nobody answers nothing else is known than before; that it is away is told by its own health.
      await this.look().catch(() => undefined);
      await delay(lookAgainMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private async look(): Promise<void> {
    const token = tokenOf(this.config);
    const answer = await fetch(`${this.config.WEATHER_INGEST_URL}/status`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(answerWithinMs)]),
    });
    if (!answer.ok) return void (await answer.body?.cancel());
    const byCity = new Map<string, FastStation[]>();
    for (const { cityKey, stationId, aheadMs } of statusSchema.parse(await answer.json()).stations)
      byCity.set(cityKey, [...(byCity.get(cityKey) ?? []), { stationId, aheadMs }]);
    this.view.applyFastStations(byCity);
  }
}
