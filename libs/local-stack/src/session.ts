import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspectMachine, requireMachine } from './checks.js';
import { createHome, type StackHome } from './home.js';
import { fetchJava, findJava, type JavaRuntime } from './jvm/java.js';
import { ensureJvmParts } from './jvm/jvm-parts.js';
import { addressesOf, createPlan, stackAddresses, stepNames } from './plan.js';
import { databaseUrl } from './parts/postgres.js';
import { identityOf, isRunning, type ProcessIdentity } from './process/process-identity.js';
import { RunLock } from './run/lock.js';
import { endOrphans } from './run/orphans.js';
import { readState, writeState, type PartState, type StackState } from './run/state-file.js';
import { describeSampleWeather } from './sample-weather.js';
import { loadSecrets } from './secrets.js';
import type { Failure, StackEvent, StackObserver, StepState, SystemState } from './stack/events.js';
import { lastLines } from './stack/diagnose.js';
import { Stack, type StackPlan } from './stack/stack.js';
import { StepFailure } from './stack/step-failure.js';
import { readTypicalDurations, writeTypicalDurations } from './stack/typical-durations.js';
import { choosePorts, portsOf, type StackPorts } from './stack-ports.js';

export interface SessionOptions {
  readonly home: StackHome;
  readonly observe: StackObserver;
  readonly askedPorts?: Partial<StackPorts>;
  /** Names of the steps to run; all when absent. */
  readonly only?: readonly string[];
  /** For our own programs, besides what the user's environment says. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The whole start may take this long. */
  readonly timeoutMs?: number;
}

export const lockFile = (home: StackHome): string => join(home.run, 'lock');
export const stateFile = (home: StackHome): string => join(home.run, 'state.json');
/** Every event since the last start, one JSON object a line. */
export const eventsFile = (home: StackHome): string => join(home.run, 'events.ndjson');

/** One run of the native runtime in one home, from the checks to the last stopped process. */
export class StackSession {
  readonly #startedAtMs = Date.now();
  readonly #startedAt = new Date().toISOString();
  readonly #supervisor: ProcessIdentity;
  /** What a run that was killed left behind; kept in the state file until it has been ended. */
  #leftOver: StackState | undefined;
  #stack: Stack | undefined;
  #state: SystemState = 'starting';
  #addresses: Readonly<Record<string, string>> = {};
  #readyMs: number | undefined;
  #probeMs: number | undefined;
  #failure: Failure | undefined;
  #startedDegraded: readonly string[] = [];

  private constructor(
    private readonly options: SessionOptions,
    private readonly lock: RunLock,
  ) {
    this.#supervisor = identityOf(process.pid) ?? { pid: process.pid, startTime: '' };
    this.#leftOver = readState(stateFile(options.home));
  }

  /**
   * @returns the session, or the process that already runs a stack in this home. Until the session starts, the state file and the
   * events are those of the run before: others tell by the supervisor that the state names.
   */
  static open(options: SessionOptions): StackSession | ProcessIdentity {
    createHome(options.home);
    const lock = RunLock.acquire(lockFile(options.home));
    if (!(lock instanceof RunLock)) return lock;
    writeFileSync(eventsFile(options.home), '');
    return new StackSession(options, lock);
  }

  get state(): SystemState {
    return this.#state;
  }

  /**
   * Checks the machine, fetches what is missing, starts every step.
   * @returns whether the stack got ready; what went wrong is in the last event
   */
  async start(): Promise<boolean> {
    const timeoutMs = this.options.timeoutMs ?? 180_000;
    try {
      this.#system('starting');
      const plan = await this.#prepare();
      this.#stack = new Stack(plan, {
        home: this.options.home,
        observe: (event) => this.#emit(event),
        typical: readTypicalDurations(this.options.home),
      });
      await this.#within(timeoutMs, this.#stack);
      if (this.#isStopping()) return false;
      await this.#becomeReady();
      return true;
    } catch (error) {
      if (!this.#isStopping()) this.#fail(error);
      return false;
    }
  }

  /** Stops everything in order and gives the home free. */
  async stop(): Promise<void> {
    if (this.#state !== 'failed') this.#system('stopping');
    await this.#stack?.stop();
    this.#end();
  }

  /** Ends every process at once and gives the home free. */
  async kill(): Promise<void> {
    await this.#stack?.killAll();
    this.#end();
  }

  async #prepare(): Promise<StackPlan> {
    const { home, askedPorts = {}, only, environment } = this.options;
    const machine = inspectMachine(home);
    requireMachine(machine);
    const ended = this.#leftOver === undefined ? [] : await endOrphans(this.#leftOver);
    this.#leftOver = undefined;
    if (ended.length > 0) this.#notice(`ended what an interrupted run left: ${ended.join(', ')}`);
    const java = await this.#requireJava();
    const needed = (only ?? stepNames).flatMap(portsOf);
    const { ports, notices } = await choosePorts(askedPorts, needed);
    notices.forEach((text) => this.#notice(text));
    this.#step(
      'checks',
      'done',
      `node ${machine.nodeVersion} · java ${java.version} (${java.from}) · ${gigabytes(machine.memoryFreeMb)} memory free · ` +
        `${gigabytes(machine.diskFreeMb)} disk free`,
    );
    const fetchStarted = Date.now();
    const fetched = await ensureJvmParts(home, java);
    if (fetched !== undefined)
      this.#step(
        'jvm-parts',
        'done',
        `fetched ${fetched.files} files, ${Math.round(fetched.bytes / 1e6)} MB, checksums match`,
        Date.now() - fetchStarted,
      );
    const secrets = loadSecrets(home);
    this.#addresses = addressesOf(
      { ...stackAddresses(ports, secrets), DATABASE_URL: databaseUrl(ports.postgres) },
      only,
    );
    return createPlan({
      home,
      java,
      ports,
      secrets,
      onFirstRecord: (probeMs) => (this.#probeMs = probeMs),
      ...(only === undefined ? {} : { only }),
      ...(environment === undefined ? {} : { environment }),
    });
  }

  async #requireJava(): Promise<JavaRuntime> {
    const found = findJava(this.options.home);
    if (found !== undefined) return found;
    this.#step('java', 'starting', 'no Java 17 or newer found; fetching one into .isobar/java');
    const fetched = fetchJava(this.options.home);
    this.#step('java', 'done', `fetched Java ${fetched.version}`);
    return fetched;
  }

  async #within(timeoutMs: number, stack: Stack): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(tooSlow(timeoutMs, stack)), timeoutMs);
    });
    try {
      await Promise.race([stack.start(), timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #becomeReady(): Promise<void> {
    this.#readyMs = Date.now() - this.#startedAtMs;
    const weatherUrl = this.#addresses['WEATHER_INGEST_URL'];
    const sample = weatherUrl === undefined ? undefined : await describeSampleWeather(weatherUrl);
    this.#startedDegraded = sample === undefined ? [] : [sample];
    if (this.#stack !== undefined) writeTypicalDurations(this.options.home, this.#stack.durations());
    this.#system('ready');
  }

  #fail(error: unknown): void {
    const failure = StepFailure.from('checks', error);
    this.#failure = this.#stack?.failureOf(failure) ?? {
      step: failure.step,
      what: failure.message,
      ...(failure.details.why === undefined ? {} : { why: failure.details.why }),
      ...(failure.details.fix === undefined ? {} : { fix: failure.details.fix }),
      logFile: failure.details.logFile ?? eventsFile(this.options.home),
      lastLogLines: [],
      notStarted: [],
    };
    this.#system('failed');
  }

  #end(): void {
    if (this.#state !== 'failed') this.#system('stopped');
    else this.#save();
    this.lock.release();
  }

  #degraded(): string[] {
    return [...this.#startedDegraded, ...(this.#stack?.degraded() ?? [])];
  }

  /** A method, since the state may change during any wait. */
  #isStopping(): boolean {
    return this.#state === 'stopping' || this.#state === 'stopped';
  }

  #step(id: string, state: StepState, detail: string, elapsedMs = Date.now() - this.#startedAtMs): void {
    this.#emit({ v: 1, ts: now(), type: 'step', id, state, waitingOn: [], detail, elapsedMs, restarts: 0 });
  }

  #notice(text: string): void {
    this.#emit({ v: 1, ts: now(), type: 'notice', text });
  }

  #system(state: SystemState): void {
    this.#state = state;
    this.#emit({
      v: 1,
      ts: now(),
      type: 'system',
      state,
      elapsedMs: state === 'ready' ? (this.#readyMs ?? 0) : Date.now() - this.#startedAtMs,
      ...(this.#probeMs === undefined ? {} : { probeMs: this.#probeMs }),
      ...(state === 'ready' ? { addresses: this.#addresses, degraded: this.#degraded() } : {}),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    });
  }

  #emit(event: StackEvent): void {
    try {
      this.#save();
      appendFileSync(eventsFile(this.options.home), `${JSON.stringify(event)}\n`);
    } catch (error) {
      // A disk that is full must not end what runs; others see the stack as it was.
      this.options.observe({
        v: 1,
        ts: now(),
        type: 'notice',
        text: `the state could not be written: ${String(error)}`,
      });
    }
    this.options.observe(event);
  }

  #save(): void {
    const state: StackState = {
      v: 1,
      supervisor: this.#supervisor,
      startedAt: this.#startedAt,
      state: this.#state,
      ...(this.#readyMs === undefined ? {} : { readyMs: this.#readyMs }),
      ...(this.#probeMs === undefined ? {} : { probeMs: this.#probeMs }),
      degraded: this.#degraded(),
      addresses: this.#addresses,
      parts: this.#stack?.states() ?? runningParts(this.#leftOver),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    };
    writeState(stateFile(this.options.home), state);
  }
}

const now = (): string => new Date().toISOString();

const gigabytes = (megabytes: number): string => `${(megabytes / 1024).toFixed(1)} GB`;

const runningParts = (state: StackState | undefined): Record<string, PartState> =>
  Object.fromEntries(
    Object.entries(state?.parts ?? {}).filter(([, part]) => part.process !== undefined && isRunning(part.process)),
  );

/** Names the step that the others wait for: the first that has started and is not settled. */
function tooSlow(timeoutMs: number, stack: Stack): StepFailure {
  const open = Object.entries(stack.states()).filter(([, { state }]) => state === 'starting' || state === 'slow');
  const [name, part] = open[0] ?? ['stack', undefined];
  return new StepFailure(name, `not ready after ${timeoutMs / 1000} s`, {
    why: part?.detail ?? 'no step was under way',
    fix: `see isobar logs ${name}; a slow machine may need more time: isobar up --wait-timeout ${(2 * timeoutMs) / 1000}`,
    ...(part?.logFile === undefined ? {} : { logFile: part.logFile, lastLogLines: lastLines(part.logFile, 10) }),
  });
}
