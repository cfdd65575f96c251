import { CONFIG, LOGGER, Readiness, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { StreamAdminConfig } from '../config.js';
import { ConnectClient } from './connect-client.js';
import { readConnectorFiles } from './connector-files.js';
import { KeepConnector, type ConnectorReport } from './keep-connector.js';

/** All connectors of the folder, each kept by its own loop. */
@Injectable()
export class Connectors implements OnApplicationBootstrap {
  private readonly stopped = new AbortController();
  private readonly loops: Promise<void>[] = [];
  private kept: readonly KeepConnector[] = [];
  private problem: string | undefined = 'the connector files were not read yet';

  constructor(
    @Inject(CONFIG) private readonly config: StreamAdminConfig,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly connect: ConnectClient,
    shutdown: Shutdown,
    readiness: Readiness,
  ) {
    shutdown.register('accepting', 'connectors', async () => {
      this.stopped.abort();
      // A look that waits for a Connect that hangs changes nothing any more; the stop need not wait for it.
      await Promise.race([Promise.all(this.loops), delay(1_000, undefined, { ref: false })]);
    });
    readiness.register({ name: 'connectors', check: () => this.check() });
  }

  async onApplicationBootstrap(): Promise<void> {
    try {
      const files = await readConnectorFiles(this.config.CONNECTORS_DIR);
      this.kept = files.map((file) => new KeepConnector(file, this.connect, this.logger));
      this.problem = undefined;
    } catch (error) {
      this.problem = `CONNECTORS_DIR ${this.config.CONNECTORS_DIR}: ${error instanceof Error ? error.message : String(error)}`;
      this.logger.error({ err: error }, 'the connector files cannot be used; no connector was touched');
      return;
    }
    for (const connector of this.kept) this.loops.push(this.keep(connector));
  }

  reports(): ConnectorReport[] {
    return this.kept.map((connector) => connector.report);
  }

  private async keep(connector: KeepConnector): Promise<void> {
    while (!this.stopped.signal.aborted) {
      const pauseMs = await connector.step();
      await delay(pauseMs, undefined, { signal: this.stopped.signal }).catch(() => undefined);
    }
  }

  private check(): void {
    if (this.problem !== undefined) throw new Error(this.problem);
    const missing = this.reports().filter(({ state }) => state !== 'running');
    if (missing.length > 0)
      throw new Error(missing.map(({ name, state, reason }) => `${name} is ${state}: ${reason ?? ''}`).join('; '));
  }
}
