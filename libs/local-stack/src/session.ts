import { inspectMachine, requireMachine, requireSomethingToRead } from './checks.js';
import { createHome, type StackHome } from './home.js';
import { fetchJava, findJava, type JavaRuntime } from './jvm/java.js';
import { ensureJvmParts, kafkaAndConnect, schemaRegistry } from './jvm/jvm-parts.js';
import { chooseSteps, isOptionalStep, rememberOptionalSteps, type AskedSteps } from './optional-parts.js';
import { addressesOf, createPlan, registrySettings, stackAddresses } from './plan.js';
import { databaseUrl, postgresDataFolder } from './parts/postgres.js';
import { identityOf, isRunning, type ProcessIdentity } from './process/process-identity.js';
import { type DiskVerdict, judgeDisk } from './run/disk-space.js';
import { lockFile, RunLock } from './run/lock.js';
import { endOrphans } from './run/orphans.js';
import { eventsFile, RunRecord, stateFile } from './run/run-record.js';
import { readState, type PartState, type StackState } from './run/state-file.js';
import { describeSampleWeather } from './sample-weather.js';
import { loadSecrets } from './secrets.js';
import type { Failure, StackEvent, StackObserver, StepState, SystemEvent, SystemState } from './stack/events.js';
import { Stack, type StackPlan } from './stack/stack.js';
import { startWithin } from './stack/start-within.js';
import { StepFailure } from './stack/step-failure.js';
import { systemHealth, type HealthVerdict } from './stack/system-health.js';
import { readTypicalDurations, writeTypicalDurations } from './stack/typical-durations.js';
import { stackToken } from './stack-token.js';
import { PortReservations } from './port-reservations.js';
import { choosePorts, portsOf, type StackPorts } from './stack-ports.js';

export interface SessionOptions extends AskedSteps {
  readonly home: StackHome;
  readonly observe: StackObserver;
  readonly askedPorts?: Partial<StackPorts>;
  /** For our own programs, besides what the user's environment says. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The whole start may take this long; when absent, any time as long as it gets on. */
  readonly timeoutMs?: number;
}

/** The state is looked at this often, and written at least this often, for whoever wonders whether we still live. */
const lookMs = 1000;
const saveMs = 5000;
const weatherLookMs = 10_000;

/** One run of the native runtime in one home, from the checks to the last stopped process. */
export class StackSession {
  readonly #startedAtMs = Date.now();
  readonly #startedAt = new Date().toISOString();
  readonly #supervisor: ProcessIdentity;
  /** What a run that was killed left behind; kept in the state file until it has been ended. */
  #leftOver: StackState | undefined;
  #stack: Stack | undefined;
  #phase: 'starting' | 'running' | 'failed' | 'stopping' | 'stopped' = 'starting';
  /** The word that was last told. */
  #told: SystemState = 'starting';
  #addresses: Readonly<Record<string, string>> = {};
  #readyMs: number | undefined;
  #probeMs: number | undefined;
  #failure: Failure | undefined;
  #sampleWeather: string | undefined;
  #weatherLookedAtMs = 0;
  #savedAtMs = 0;
  #watch: NodeJS.Timeout | undefined;
  readonly #record: RunRecord;
  readonly #ports = new PortReservations();

  private constructor(
    private readonly options: SessionOptions,
    private readonly lock: RunLock,
  ) {
    this.#supervisor = identityOf(process.pid) ?? { pid: process.pid, startTime: '' };
    this.#leftOver = readState(stateFile(options.home));
    this.#record = new RunRecord(options.home);
    this.#record.begin();
  }

  /**
   * @returns the session, or the process that already runs a stack in this home. Until the session starts, the state file and the
   * events are those of the run before: others tell by the supervisor that the state names.
   */
  static open(options: SessionOptions): StackSession | ProcessIdentity {
    createHome(options.home);
    const lock = RunLock.acquire(lockFile(options.home));
    if (!(lock instanceof RunLock)) return lock;
    return new StackSession(options, lock);
  }

  /** Where in its life the stack is; while it runs, how it is. */
  get state(): SystemState {
    return this.#phase === 'running' ? this.#verdict().state : this.#phase;
  }

  /**
   * Checks the machine, fetches what is missing, starts every step.
   * @returns whether the stack got ready; what went wrong is in the last event
   */
  async start(): Promise<boolean> {
    try {
      this.#enter('starting');
      this.#watch = setInterval(() => this.#look(), lookMs);
      const plan = await this.#prepare();
      const stack = new Stack(plan, {
        home: this.options.home,
        observe: (event) => this.#emit(event),
        typical: readTypicalDurations(this.options.home),
        obstacle: () => this.#disk().full,
      });
      this.#stack = stack;
      await startWithin(stack, this.options.timeoutMs);
      if (this.#isStopping()) return false;
      await this.#becomeReady(stack);
      return true;
    } catch (error) {
      if (!this.#isStopping()) this.#fail(error);
      return false;
    }
  }

  /** Stops everything in order and gives the home free. */
  async stop(): Promise<void> {
    if (this.#phase !== 'failed') this.#enter('stopping');
    await this.#stack?.stop();
    this.#end();
  }

  /** Ends every process at once and gives the home free. */
  async kill(): Promise<void> {
    await this.#stack?.killAll();
    this.#end();
  }

  async #prepare(): Promise<StackPlan> {
    const { home, askedPorts = {}, environment } = this.options;
    const { steps, remembered } = chooseSteps(home, this.options);
    const machine = inspectMachine(home);
    requireMachine(machine, steps.filter(isOptionalStep));
    requireSomethingToRead(home, steps.includes('stream-admin'));
    const ended = this.#leftOver === undefined ? [] : await endOrphans(this.#leftOver);
    this.#leftOver = undefined;
    if (ended.length > 0) this.#notice(`ended what an interrupted run left: ${ended.join(', ')}`);
    const java = await this.#requireJava();
    const needed = steps.flatMap(portsOf);
    const { ports, notices } = await choosePorts(askedPorts, needed, this.#ports);
    notices.forEach((text) => this.#notice(text));
    this.#step(
      'checks',
      'done',
      `node ${machine.nodeVersion} · java ${java.version} (${java.from}) · ${gigabytes(machine.memoryFreeMb)} memory free · ` +
        `${gigabytes(machine.diskFreeMb)} disk free`,
    );
    await this.#fetchJvmParts(java, steps);
    rememberOptionalSteps(home, this.options);
    if (remembered.length > 0) this.#notice(describeRemembered(remembered));
    if (steps.includes('registry') && registrySettings().length > 0)
      this.#notice(`${registrySettings().join(', ')} not used: ksql-server is given the registry of this stack`);
    const secrets = loadSecrets(home);
    this.#addresses = addressesOf(
      { ...stackAddresses(ports, secrets), DATABASE_URL: databaseUrl(ports.postgres) },
      steps,
    );
    return createPlan({
      home,
      java,
      ports,
      secrets,
      onFirstRecord: (probeMs) => (this.#probeMs = probeMs),
      only: steps,
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

  async #fetchJvmParts(java: JavaRuntime, steps: readonly string[]): Promise<void> {
    for (const bundle of [kafkaAndConnect, ...(steps.includes('registry') ? [schemaRegistry] : [])]) {
      const fetchStarted = Date.now();
      const fetched = await ensureJvmParts(this.options.home, java, bundle);
      if (fetched === undefined) continue;
      const size = `${fetched.files} files, ${Math.round(fetched.bytes / 1e6)} MB`;
      this.#step(bundle.stepName, 'done', `fetched ${size}, checksums match`, Date.now() - fetchStarted);
    }
  }

  async #becomeReady(stack: Stack): Promise<void> {
    this.#readyMs = Date.now() - this.#startedAtMs;
    await this.#lookAtWeather();
    rememberDurations(this.options.home, stack);
    this.#phase = 'running';
    // The start is over whatever became of it in the last moment; that is told next.
    this.#tell('ready', { addresses: this.#addresses, degraded: this.#degraded() });
    this.#look();
  }

  /** Tells what the stack has become, and that we still live. */
  #look(): void {
    this.#tellChange();
    if (Date.now() - this.#savedAtMs >= saveMs) this.#save();
    if (this.#phase === 'running' && Date.now() - this.#weatherLookedAtMs >= weatherLookMs) void this.#lookAtWeather();
  }

  #tellChange(): void {
    if (this.#phase === 'running' && this.state !== this.#told) this.#tell(this.state);
  }

  async #lookAtWeather(): Promise<void> {
    this.#weatherLookedAtMs = Date.now();
    const url = this.#addresses['WEATHER_INGEST_URL'];
    if (url !== undefined) this.#sampleWeather = await describeSampleWeather(url, stackToken(this.options.home));
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
    this.#enter('failed');
  }

  #end(): void {
    clearInterval(this.#watch);
    if (this.#phase !== 'failed') this.#enter('stopped');
    else this.#save();
    this.#ports.giveAllBack();
    this.lock.release();
  }

  #disk(): DiskVerdict {
    return judgeDisk([this.options.home.data, postgresDataFolder(this.options.home)]);
  }

  #verdict(): HealthVerdict {
    const { full, low } = this.#disk();
    const troubles = this.#stack?.troubles() ?? [];
    const disk = full ?? low;
    // As long as everything works on a full disk, that is a warning; afterwards it is the cause.
    return systemHealth(troubles.length > 0 && full !== undefined ? [full, ...troubles] : troubles, [
      ...(disk === undefined || (full !== undefined && troubles.length > 0) ? [] : [disk]),
      ...(this.#record.trouble === undefined ? [] : [this.#record.trouble]),
      ...this.#shortcomings(),
    ]);
  }

  /** Simulated weather that was asked for is as promised. */
  #shortcomings(): string[] {
    const isAskedFor = (this.options.environment?.['WEATHER_MODE'] ?? process.env['WEATHER_MODE']) === 'sample';
    return isAskedFor ? (this.#stack?.degraded() ?? []) : this.#degraded();
  }

  #degraded(): string[] {
    return [...(this.#sampleWeather === undefined ? [] : [this.#sampleWeather]), ...(this.#stack?.degraded() ?? [])];
  }

  /** A method, since the phase may change during any wait. */
  #isStopping(): boolean {
    return this.#phase === 'stopping' || this.#phase === 'stopped';
  }

  #step(id: string, state: StepState, detail: string, elapsedMs = Date.now() - this.#startedAtMs): void {
    this.#emit({ v: 1, ts: now(), type: 'step', id, state, waitingOn: [], detail, elapsedMs, restarts: 0 });
  }

  #notice(text: string): void {
    this.#emit({ v: 1, ts: now(), type: 'notice', text });
  }

  #enter(phase: 'starting' | 'failed' | 'stopping' | 'stopped'): void {
    this.#phase = phase;
    this.#tell(phase);
  }

  #tell(state: SystemState, more: Pick<SystemEvent, 'addresses' | 'degraded'> = {}): void {
    this.#told = state;
    const { because } = this.#verdict();
    this.#emit({
      v: 1,
      ts: now(),
      type: 'system',
      state,
      elapsedMs: more.addresses !== undefined ? (this.#readyMs ?? 0) : Date.now() - this.#startedAtMs,
      ...(this.#probeMs === undefined ? {} : { probeMs: this.#probeMs }),
      ...more,
      ...(state === 'degraded' || state === 'not ready' ? { because } : {}),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    });
  }

  #emit(event: StackEvent): void {
    this.#save();
    this.#record.append(event);
    this.options.observe(event);
    if (event.type === 'step') this.#tellChange();
  }

  #save(): void {
    this.#savedAtMs = Date.now();
    this.#record.save({
      v: 1,
      supervisor: this.#supervisor,
      startedAt: this.#startedAt,
      asOf: now(),
      state: this.state,
      because: this.#phase === 'running' ? this.#verdict().because : [],
      ...(this.#readyMs === undefined ? {} : { readyMs: this.#readyMs }),
      ...(this.#probeMs === undefined ? {} : { probeMs: this.#probeMs }),
      degraded: this.#degraded(),
      addresses: this.#addresses,
      parts: this.#stack?.states() ?? runningParts(this.#leftOver),
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
    });
  }
}

const now = (): string => new Date().toISOString();

const describeRemembered = (steps: readonly string[]): string =>
  `${steps.join(', ')} was asked for before and starts again; npx isobar up --without ${steps.join(',')} leaves it out`;

const gigabytes = (megabytes: number): string => `${(megabytes / 1024).toFixed(1)} GB`;

const runningParts = (state: StackState | undefined): Record<string, PartState> =>
  Object.fromEntries(
    Object.entries(state?.parts ?? {}).filter(([, part]) => part.process !== undefined && isRunning(part.process)),
  );

/** What the next start will compare with. That it cannot be written is no reason to call a stack failed that runs. */
function rememberDurations(home: StackHome, stack: Stack): void {
  try {
    writeTypicalDurations(home, stack.durations());
  } catch {
    // A full disk is seen elsewhere.
  }
}
