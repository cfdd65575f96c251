import { CONFIG, repeatUntilStop, Shutdown, tokenOf } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
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
  constructor(
    private readonly view: ConditionsView,
    @Inject(CONFIG) private readonly config: DashboardConfig,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    if (this.config.WEATHER_INGEST_URL === undefined) return;
    // While nobody answers nothing else is known than before; that it is away is told by its own health.
    repeatUntilStop(this.shutdown, 'station watch', lookAgainMs, (signal) => this.look(signal));
  }

  private async look(signal: AbortSignal): Promise<void> {
    const token = tokenOf(this.config);
    const answer = await fetch(`${this.config.WEATHER_INGEST_URL}/status`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
    if (!answer.ok) return void (await answer.body?.cancel());
    const byCity = new Map<string, FastStation[]>();
    for (const { cityKey, stationId, aheadMs } of statusSchema.parse(await answer.json()).stations)
      byCity.set(cityKey, [...(byCity.get(cityKey) ?? []), { stationId, aheadMs }]);
    this.view.applyFastStations(byCity);
  }
}
