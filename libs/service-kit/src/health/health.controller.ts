import { Controller, Get, Header, HttpCode, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';
import type { Response } from 'express';
import { Readiness, type ReadinessReport } from './readiness.js';

@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly health: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
  ) {}

  /** The process answers. Depends on nothing else, so that a broken neighbour never gets this service killed. */
  @Get('healthz')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  alive(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 200 when every required part works, else 503; the body names each part and why it is down. */
  @Get('readyz')
  @Header('Cache-Control', 'no-store')
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadinessReport> {
    const report = await this.readiness.report();
    response.status(report.status === 'not ready' ? 503 : 200);
    return report;
  }

  /** The same in Terminus' format, for tools that expect it. */
  @Get('health')
  @Header('Cache-Control', 'no-store')
  async check(@Res({ passthrough: true }) response: Response): Promise<HealthCheckResult> {
    const report = await this.readiness.report();
    const checks = Object.entries(report.parts).map(([name, part]) => () => {
      const indicator = this.indicators.check(name);
      // An optional part that is down is shown as up with its trouble: Terminus has no third state for a part.
      if (part.status === 'up') return indicator.up();
      return part.optional === true
        ? indicator.up({ degraded: true, reason: part.reason ?? '' })
        : indicator.down({ reason: part.reason ?? '' });
    });
    try {
      return await this.health.check(checks);
    } catch (error) {
      const result = terminusResult(error);
      if (result === undefined) throw error;
      response.status(503);
      return result;
    }
  }
}

/** Terminus throws its result as the response of an exception; it is a report, not a problem. */
function terminusResult(error: unknown): HealthCheckResult | undefined {
  if (typeof error !== 'object' || error === null || !('getResponse' in error)) return undefined;
  const { getResponse } = error;
  if (typeof getResponse !== 'function') return undefined;
  const response: unknown = getResponse.call(error);
  return typeof response === 'object' && response !== null && 'details' in response
    ? (response as HealthCheckResult)
    : undefined;
}
