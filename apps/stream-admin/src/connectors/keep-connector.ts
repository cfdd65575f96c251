import type { Logger } from 'pino';
import { ConnectClient, ConnectError, type ConnectStatus } from './connect-client.js';
import type { ConnectorFile } from './connector-files.js';
import { hideSecrets } from './hide-secrets.js';
import type { ReplicationClient } from './replication-client.js';
import { replicationNames, replicationTrouble } from './replication-trouble.js';

interface ConnectorTask {
  readonly id: number;
  readonly state: string;
  /** The stack trace of a failed task, secrets blanked. */
  readonly trace: string | null;
}

export interface ConnectorReport {
  readonly name: string;
  readonly file: string;
  readonly connectorClass: string;
  /** `starting` until Connect reports every task RUNNING for the first time, and while it rebalances. */
  readonly state: 'starting' | 'running' | 'failed' | 'paused' | 'refused';
  /** Connect's own word for the connector itself. */
  readonly connectState: string | null;
  readonly tasks: readonly ConnectorTask[];
  readonly reason: string | null;
  /** Restarts of failed tasks since the connector last ran well. */
  readonly restarts: number;
  readonly nextRestartAt: string | null;
}

export interface KeepOptions {
  readonly firstRestartDelayMs: number;
  readonly restartDelayMaxMs: number;
  /** After running this long, old restarts are forgotten. */
  readonly wellAfterMs: number;
}

const keepDefaults: KeepOptions = { firstRestartDelayMs: 2_000, restartDelayMaxMs: 60_000, wellAfterMs: 60_000 };

/** A worker that takes longer is not well, and what was seen before would be old. */
const lookMs = 4_000;

/** Deploys one connector and keeps it running: failed tasks are restarted, each time after a longer pause. */
export class KeepConnector {
  #isConfigured = false;
  /** Connect has reported on it since it was configured; before that, no report means patience. */
  #wasPlaced = false;
  #restarts = 0;
  #restartAt: number | undefined;
  #runningSince: number | undefined;
  /** A slot that is gone was there: it was seen, or Connect remembers how far it had read. */
  #hasRead = false;
  #isBusy = false;
  #report: ConnectorReport;

  constructor(
    readonly file: ConnectorFile,
    private readonly connect: ConnectClient,
    private readonly replication: Pick<ReplicationClient, 'status'>,
    private readonly logger: Logger,
    private readonly now: () => number = Date.now,
    private readonly options: KeepOptions = keepDefaults,
  ) {
    this.#report = this.#toReport('starting', undefined, 'not looked at yet');
  }

  get report(): ConnectorReport {
    return this.#report;
  }

  /** One look and, where needed, one act. @returns how long to wait until the next, in milliseconds */
  async step(): Promise<number> {
    if (this.#isBusy) return 500;
    try {
      if (!this.#isConfigured) await this.#configure();
      await this.#look();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const isRefused = error instanceof ConnectError && !error.isStarting;
      // A refusal may pass too: the database of the connector may not be up yet.
      this.#report = this.#toReport(isRefused ? 'refused' : 'starting', undefined, hideSecrets(reason));
      this.#runningSince = undefined;
      return isRefused ? 2_000 : 500;
    }
    if (this.#report.state === 'running') return 2_000;
    return 500;
  }

  /**
   * Leaves the connector to `work`, and shows what it says; nothing else is done with the connector meanwhile.
   *
   * @throws Error when it is already left to other work
   */
  async leaveTo<T>(work: (tell: (words: string) => void) => Promise<T>): Promise<T> {
    if (this.#isBusy) throw new Error(this.#report.reason ?? 'other work is under way');
    this.#isBusy = true;
    try {
      return await work((words) => (this.#report = this.#toReport('starting', undefined, words)));
    } finally {
      this.#isBusy = false;
      this.#isConfigured = false;
      this.#hasRead = false;
      this.#restartAt = undefined;
    }
  }

  async #configure(): Promise<void> {
    const { name, config } = this.file;
    const held = await this.connect.config(name);
    if (held === undefined || !isSameConfig(held, { ...config, name })) {
      await this.connect.putConfig(name, config);
      this.logger.info({ connector: name, action: held === undefined ? 'created' : 'changed' }, 'connector deployed');
    }
    this.#isConfigured = true;
    this.#wasPlaced = false;
  }

  async #look(): Promise<void> {
    const status = await this.connect.status(this.file.name, lookMs);
    this.#wasPlaced ||= status !== undefined;
    const broken = await this.#replicationTrouble();
    if (this.#isBusy) return;
    if (broken !== undefined) {
      // Restarts are in vain, and each would only hide for a while that changes are lost.
      this.#restartAt = undefined;
      this.#runningSince = undefined;
      this.#report = this.#toReport('failed', status, broken);
      return;
    }
    if (status === undefined || status.tasks.length === 0) {
      // Somebody removed it, or Connect lost its configuration topic: put it back at the next step.
      if (this.#wasPlaced && status === undefined) this.#isConfigured = false;
      const word = status?.connector.state;
      if (word === 'PAUSED' || word === 'STOPPED') {
        this.#report = this.#toReport('paused', status, `somebody paused it: connector ${word}`);
        return;
      }
      const isBroken = word === 'FAILED';
      this.#report = this.#toReport(
        isBroken ? 'failed' : 'starting',
        status,
        isBroken ? 'the connector failed' : 'Connect has not started its task yet',
      );
      if (isBroken) await this.#restart();
      return;
    }
    const failed = [status.connector, ...status.tasks].some(({ state }) => state === 'FAILED');
    const isRunning = [status.connector, ...status.tasks].every(({ state }) => state === 'RUNNING');
    if (isRunning) this.#noteRunning();
    else this.#runningSince = undefined;
    if (failed) await this.#restart();
    const isPaused = ['PAUSED', 'STOPPED'].includes(status.connector.state);
    const state = failed ? 'failed' : isRunning ? 'running' : isPaused ? 'paused' : 'starting';
    const reason = isRunning ? null : describeStates(status);
    this.#report = this.#toReport(state, status, reason);
  }

  /** Connect's word comes late: a task goes on RUNNING for long after its slot is gone. */
  async #replicationTrouble(): Promise<string | undefined> {
    const names = replicationNames(this.file.config);
    if (names === undefined) return undefined;
    const status = await this.replication.status(names).catch(() => undefined);
    if (status === undefined) return undefined;
    if (status.slot?.active === true) this.#hasRead = true;
    if (!this.#hasRead && (status.slot === null || status.publication === null))
      this.#hasRead = await this.connect.hasOffsets(this.file.name).catch(() => false);
    return replicationTrouble(names, status, this.#hasRead);
  }

  #noteRunning(): void {
    const now = this.now();
    this.#runningSince ??= now;
    this.#restartAt = undefined;
    if (now - this.#runningSince >= this.options.wellAfterMs) this.#restarts = 0;
  }

  async #restart(): Promise<void> {
    const now = this.now();
    if (this.#restartAt === undefined) {
      const delayMs = this.options.firstRestartDelayMs * 2 ** this.#restarts;
      this.#restartAt = now + Math.min(delayMs, this.options.restartDelayMaxMs);
      return;
    }
    if (now < this.#restartAt) return;
    this.#restartAt = undefined;
    this.#restarts += 1;
    this.logger.warn({ connector: this.file.name, restarts: this.#restarts }, 'restarting failed tasks');
    await this.connect.restartFailed(this.file.name);
  }

  #toReport(
    state: ConnectorReport['state'],
    status: ConnectStatus | undefined,
    reason: string | null,
  ): ConnectorReport {
    return {
      name: this.file.name,
      file: this.file.file,
      connectorClass: this.file.config['connector.class'] ?? '',
      state,
      connectState: status?.connector.state ?? null,
      tasks: (status?.tasks ?? []).map(({ id, state: taskState, trace }) => ({
        id,
        state: taskState,
        trace: trace === undefined ? null : hideSecrets(trace),
      })),
      reason,
      restarts: this.#restarts,
      nextRestartAt: this.#restartAt === undefined ? null : new Date(this.#restartAt).toISOString(),
    };
  }
}

function isSameConfig(held: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const keys = Object.keys(wanted);
  return keys.length === Object.keys(held).length && keys.every((key) => held[key] === wanted[key]);
}

function describeStates({ connector, tasks }: ConnectStatus): string {
  const lines = [connector, ...tasks].find(({ trace }) => trace)?.trace?.split('\n') ?? [];
  const cause = lines.findLast((line) => line.startsWith('Caused by:')) ?? lines[0];
  const states = [`connector ${connector.state}`, ...tasks.map(({ id, state }) => `task ${id} ${state}`)].join(', ');
  return hideSecrets(cause ? `${states}; ${cause.trim()}` : states);
}
