import { HttpException, Injectable } from '@nestjs/common';
import {
  HealthCheckService,
  HealthIndicatorService,
  type HealthCheckResult,
  type HealthIndicatorFunction,
} from '@nestjs/terminus';
import { Metrics } from '../metrics/metrics.js';
import type { PartWatch } from './part-watch.js';
import { Readiness } from './readiness.js';

export interface PartStatus {
  readonly status: 'up' | 'down';
  readonly optional?: true;
  readonly reason?: string;
}

export interface ReadinessReport {
  readonly status: 'ready' | 'degraded' | 'not ready';
  readonly parts: Readonly<Record<string, PartStatus>>;
}

/** Terminus' own answer with the word that `/readyz` has for it. */
export type HealthReport = HealthCheckResult & { readonly verdict: ReadinessReport['status'] };

const verdicts: Readonly<Record<HealthCheckResult['status'], ReadinessReport['status']>> = {
  ok: 'ready',
  degraded: 'degraded',
  error: 'not ready',
  shutting_down: 'not ready',
};

const states = [...new Set(Object.values(verdicts))];

/** Each part is a Terminus health indicator, and Terminus decides; both endpoints and the metrics show that one decision. */
@Injectable()
export class HealthVerdict {
  constructor(
    private readonly readiness: Readiness,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    metrics: Metrics,
  ) {
    metrics.gauge('isobar_health', 'The word that /readyz has: 1 for the state it is', ['state'], async (gauge) => {
      const { verdict } = await this.check();
      for (const state of states) gauge.set({ state }, Number(state === verdict));
    });
    metrics.gauge('isobar_part_up', 'Whether a part of the service does what it promises', ['part'], async (gauge) => {
      const { parts } = readinessReport(await this.check());
      gauge.reset();
      for (const [part, { status }] of Object.entries(parts)) gauge.set({ part }, Number(status === 'up'));
    });
  }

  async check(): Promise<HealthReport> {
    const watches = this.readiness.watches;
    const result = await this.decide(watches.map((watch) => () => this.indicate(watch)));
    return { ...result, verdict: verdicts[result.status] };
  }

  private async indicate(watch: PartWatch) {
    const { name, optional } = watch.part;
    const { trouble } = await watch.finding();
    const session = this.indicators.check(name);
    if (optional !== true) return trouble === undefined ? session.up() : session.down({ reason: trouble });
    return trouble === undefined ? session.up({ optional }) : session.degraded({ optional, reason: trouble });
  }

  /** Terminus throws a bad result as the response of an exception; it is a report, not a problem. */
  private async decide(indicators: HealthIndicatorFunction[]): Promise<HealthCheckResult> {
    try {
      return await this.health.check(indicators);
    } catch (error) {
      if (!(error instanceof HttpException)) throw error;
      return error.getResponse() as HealthCheckResult;
    }
  }
}

/** The decision as a list of parts that are up or down. */
export function readinessReport({ verdict, details }: HealthReport): ReadinessReport {
  const parts = Object.entries(details).map(([name, { status, ...rest }]): [string, PartStatus] => {
    const { optional, reason } = rest as { optional?: true; reason?: string };
    return [
      name,
      {
        status: status === 'up' ? 'up' : 'down',
        ...(optional === true && { optional }),
        ...(reason !== undefined && { reason }),
      },
    ];
  });
  return { status: verdict, parts: Object.fromEntries(parts) };
}
