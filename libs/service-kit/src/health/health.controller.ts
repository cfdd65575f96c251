import { Controller, Get, Header, HttpCode, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { HealthVerdict, readinessReport, type HealthReport, type ReadinessReport } from './health-verdict.js';

@ApiExcludeController()
@Controller()
export class HealthController {
  constructor(private readonly verdict: HealthVerdict) {}

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
    return readinessReport(await this.check(response));
  }

  /** The same decision in Terminus' own format, for tools that expect it. */
  @Get('health')
  @Header('Cache-Control', 'no-store')
  async check(@Res({ passthrough: true }) response: Response): Promise<HealthReport> {
    const report = await this.verdict.check();
    response.status(report.verdict === 'not ready' ? 503 : 200);
    return report;
  }
}
