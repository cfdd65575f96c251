import { must } from '../../src/errors/assert.js';
import type { FetchedRecord } from '../../src/ports/record-columns.js';
import { sleep } from '../../src/ports/scheduler.js';
import { SimulatedEngine } from '../../src/testing/simulated-engine.js';
import { partitionOf } from '../../src/testing/windows-by-definition.js';
import { CLOSING_KEY, JOIN_GRACE_MS, QUERIES, SOURCES, type Evidence, type Input, type Topic } from './queries.js';
import { KEYS, type RunPlan, type Step } from './run-plan.js';
import { Servers, type SimulatedServer } from './servers.js';
import { Sightings } from './sightings.js';
import { Statements } from './statements.js';

/** What became of a run. */
export interface RunOutcome {
  /** What is wrong; none when all that was promised was kept. */
  readonly problems: readonly string[];
  readonly sightings: Sightings;
  /** All that it left in its topics, and when it ended: equal for equal plans. */
  readonly trace: string;
}

/** So far each partition is behind the one before: tasks have times of their own. */
const LAG_MS = 1_800_000;
/** Ahead of all that was written before, and of what keeps windows of joins open; the broker takes up to an hour. */
const CLOSING_AHEAD_MS = 2 * JOIN_GRACE_MS;
const LEASE_TOPIC = '_confluent-ksql-sim_lease';
const CHECKPOINTS_TOPIC = '_confluent-ksql-sim_checkpoints';
const PARTITIONS_MAX = 6;
/** When nothing fails any more, a run comes to rest in this time. */
const REST_MAX_MS = 400_000;
const LOOK_MS = 500;
/** As the cluster has it. */
const LATE_MAX_MS = 60_000;
/** How long one that stood still is left alone with the one that took over. */
const ZOMBIE_MS = 15_000;
/** A query commits its offsets alone this late. */
const OFFSETS_MS = 6_000;

/** Plays a plan and judges what came of it. */
export async function playRun(plan: RunPlan): Promise<RunOutcome> {
  const world = new SimulatedEngine(plan.seed, () => plan.cluster);
  const run = new Run(plan, world);
  try {
    await world.scheduler.run(run.play());
  } catch (error) {
    run.problems.push(`the run broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  } finally {
    run.servers.clear();
  }
  return { problems: run.problems, sightings: run.sightings, trace: run.trace() };
}

class Run implements Evidence {
  readonly servers: Servers;
  readonly sightings = new Sightings();
  readonly problems: string[] = [];
  readonly #inputs: Input[] = [];
  readonly #topics: readonly Topic[];
  readonly #statements: Statements;
  #areLastLooks = false;

  constructor(
    private readonly plan: RunPlan,
    private readonly world: SimulatedEngine,
  ) {
    this.servers = new Servers(world, plan);
    this.#statements = new Statements(world, plan.queries.length);
    this.#topics = [...new Set(plan.queries.flatMap((name) => QUERIES[name].reads))];
  }

  async play(): Promise<void> {
    const { plan, world, servers } = this;
    for (const topic of this.#topics) {
      const config = { 'retention.ms': '-1' };
      await world.admin.createTopics([{ topic, partitions: plan.partitions, replicas: 1, config }]);
    }
    const first = servers.start(0, []);
    await this.#until('the first server leads', () => first.engine?.isOwner === true);
    const sql = [...this.#topics.map((topic) => SOURCES[topic]), ...plan.queries.map((name) => QUERIES[name].sql)];
    await world.execute(must(first.engine, 'an open engine'), sql.join('\n'));
    // What is deleted before a query has said where it begins is no loss of it.
    if (plan.steps.some(({ kind }) => kind === 'truncate'))
      await this.#until('all have begun', () => this.#checkpoints().size === plan.queries.length);
    // It has none of the faults; those that come after it do.
    if (plan.faults.length > 0) first.broker.link.stop();
    this.#replace();
    for (const step of plan.steps) {
      await this.#take(step);
      this.#replace();
      if (servers.owners.length > 1) this.sightings.add('twoOwners');
    }
    for (const { broker } of servers.all) broker.faults.end();
    // What is slow or late, a claim for one, is on its way still.
    await sleep(world.scheduler, LATE_MAX_MS);
    await this.#resumeAll();
    await this.#untilRest('when nothing failed any more');
    await this.#takeOver();
    await this.#write('t', 'a');
    await this.#write('u', 'a');
    await this.#untilRest('after a server had begun anew');
    this.problems.push(...servers.leaders.flatMap(({ engine }) => (engine ? this.#statements.judge(engine) : [])));
    this.#areLastLooks = true;
    for (const key of KEYS) for (const topic of ['s', 'r', 'e'] as const) await this.#write(topic, key);
    // Else what one topic brings could be late behind what closes the windows in another.
    await this.#untilRest('after the last looks');
    await this.#close();
    await this.#untilRest('at the end');
    // What was sent long ago may still arrive, and what runs may still write what it should not.
    await sleep(world.scheduler, OFFSETS_MS);
    for (const { broker } of servers.all) broker.link.stop();
    await sleep(world.scheduler, plan.cluster.markerMaxMs + 100);
    for (const name of plan.queries)
      this.problems.push(...QUERIES[name].judge(this).map((problem) => `${name}: ${problem}`));
    this.#judgeCheckpoints();
    this.#see();
  }

  /** All that it left, for a comparison of two runs of one plan. */
  trace(): string {
    const { cluster, scheduler } = this.world;
    const topics = [...cluster.listTopics().keys()].sort();
    const shown = topics.map((topic) =>
      this.records(topic).map(({ partition, offset, key, value, timestamp }) => {
        const text = (bytes: Uint8Array | null): string =>
          bytes === null ? '-' : Buffer.from(bytes).toString('latin1');
        return `${topic}-${partition}@${offset} ${text(key)}=${text(value)} ${timestamp}`;
      }),
    );
    return [...shown.flat(), `${scheduler.nowMs()}`, ...this.problems].join('\n');
  }

  // What was promised

  get partitions(): number {
    return this.plan.partitions;
  }
  input(topic: Topic): readonly Input[] {
    return this.#inputs
      .filter((input) => input.topic === topic)
      .sort((a, b) => a.partition - b.partition || a.offset - b.offset);
  }
  output(topic: string) {
    return this.records(topic).map(({ key, partition, value }) => {
      const row = value === null ? null : (JSON.parse(Buffer.from(value).toString()) as Record<string, number | null>);
      return { key: Buffer.from(key ?? []).toString(), partition, value: row };
    });
  }
  /** As readers of committed records see them. */
  records(topic: string): readonly FetchedRecord[] {
    const found: FetchedRecord[] = [];
    for (let partition = 0; ; partition++) {
      const log = this.world.cluster.findLog(topic, partition);
      if (log === undefined) return found;
      for (let at = log.start; at < log.stableEnd;) {
        const { records, nextOffset, bytes } = log.read(at, Infinity);
        found.push(...records);
        if (bytes === 0) break;
        at = nextOffset;
      }
    }
  }
  isDeleted({ topic, partition, offset }: Input): boolean {
    return offset < (this.world.cluster.findLog(topic, partition)?.start ?? 0);
  }
  get isLossTold(): boolean {
    return this.world.said.some((message) => message.includes('were deleted before they were read'));
  }

  /** The newest offsets that each query has committed, by topic and partition. */
  #checkpoints(): ReadonlyMap<string, Readonly<Record<string, Readonly<Record<string, number>>>>> {
    type Offsets = Readonly<Record<string, Readonly<Record<string, number>>>>;
    const newest = new Map<string, Offsets>();
    for (const { key, value } of this.records(CHECKPOINTS_TOPIC)) {
      if (value === null) continue;
      const { offsets } = JSON.parse(Buffer.from(value).toString()) as { readonly offsets: Offsets };
      newest.set(Buffer.from(key ?? []).toString(), offsets);
    }
    return newest;
  }

  /** Each query has committed that it stands at the ends of its sources. */
  #judgeCheckpoints(): void {
    const checkpoints = this.#checkpoints();
    if (checkpoints.size !== this.plan.queries.length)
      this.problems.push(`${checkpoints.size} queries have checkpoints`);
    for (const [owner, topics] of checkpoints)
      for (const [topic, offsets] of Object.entries(topics))
        for (const [partition, offset] of Object.entries(offsets)) {
          // Markers and what was aborted may follow.
          const last = this.records(topic).findLast((record) => record.partition === Number(partition))?.offset ?? -1;
          if (offset <= last)
            this.problems.push(`checkpoint of ${owner}: ${topic}-${partition} is at ${offset} of ${last + 1}`);
        }
  }

  // What is done

  async #take(step: Step): Promise<void> {
    const { servers, world } = this;
    const victim = servers.leaders[0] ?? servers.living.find(({ isFrozen }) => !isFrozen);
    switch (step.kind) {
      case 'pass':
        return sleep(world.scheduler, step.ms);
      case 'write':
        return this.#write(step.topic, step.key, { backMs: step.backMs, isGone: step.isGone });
      case 'burst':
        return this.#writeMany(step.records);
      case 'kill':
        victim?.broker.link.stop();
        return;
      case 'stop':
        if (victim?.engine !== undefined) void victim.engine.close().then(() => victim.broker.link.stop());
        return;
      case 'freeze':
        if (victim !== undefined) servers.freeze(victim, step.ms);
        return;
      case 'createType':
        if (victim !== undefined) this.#statements.createType(victim);
        return;
      case 'pause':
      case 'resume':
        if (victim !== undefined) this.#statements.control(victim, step.kind, step.query);
        return;
      case 'moveLeaders':
        for (const topic of world.cluster.listTopics().keys())
          for (const log of world.cluster.topic(topic).logs) world.cluster.moveLeader(log);
        return;
      case 'addPartition': {
        const partitions = world.cluster.topic('e').logs.length + 1;
        if (partitions <= PARTITIONS_MAX) world.cluster.addPartitions('e', partitions);
        return;
      }
      case 'truncate':
        for (const { partition, stableEnd } of world.cluster.topic('e').logs)
          world.cluster.deleteRecords('e', partition, stableEnd);
        return;
      case 'loseLease':
        world.cluster.deleteTopics([LEASE_TOPIC]);
    }
  }

  /** As many servers as there are to be. */
  #replace(): void {
    const { servers, plan } = this;
    for (let machine = 0; machine < plan.servers; machine++)
      if (!servers.living.some((server) => server.machine === machine))
        servers.start(machine, plan.faults[servers.all.length - 1] ?? []);
  }

  /** A server that has run nothing yet restores all, while those before it are gone, or go on beside it. */
  async #takeOver(): Promise<void> {
    const { servers, plan, world } = this;
    for (const server of servers.living)
      if (plan.leavesZombies) servers.freeze(server, ZOMBIE_MS);
      else server.broker.link.stop();
    const last = servers.start(plan.servers, []);
    await this.#until('the last server leads', () => servers.leaders.includes(last));
    if (plan.leavesZombies) await sleep(world.scheduler, ZOMBIE_MS);
  }

  /** What was paused is as it was answered, and goes on. */
  async #resumeAll(): Promise<void> {
    const { servers, world } = this;
    let isJudged = false;
    await this.#until('all queries go on', () => {
      if (servers.living.length === 0) this.#replace();
      const [leader, ...others] = servers.leaders;
      const isSettled = servers.living.every(({ engine, isFrozen }) => engine !== undefined && !isFrozen);
      if (leader?.engine === undefined || others.length > 0 || !isSettled || this.#statements.isBusy) return false;
      const queries = [...leader.engine.queries.values()];
      if (!isJudged) this.problems.push(...this.#statements.judge(leader.engine));
      isJudged = true;
      const isPaused = queries.some((query) => query.isPaused);
      if (isPaused) void this.#statements.resumeAll(leader);
      return !isPaused && queries.length > 0;
    });
    await sleep(world.scheduler, LOOK_MS);
  }

  async #write(
    topic: Topic,
    key: string,
    { backMs = 0, isGone = false, aheadMs = 0, partition = undefined as number | undefined } = {},
  ): Promise<void> {
    if (!this.#topics.includes(topic)) return;
    const { world } = this;
    const id = this.#inputs.length;
    const place = partition ?? partitionOf(key, world.cluster.topic(topic).logs.length);
    const timestamp = world.scheduler.nowMs() - place * LAG_MS - backMs + aheadMs;
    const [v, g] = [(id * 37) % 100, KEYS[(id * 7) % KEYS.length] as string];
    const value = isGone ? null : Buffer.from(JSON.stringify({ ID: id, V: v, G: g }));
    const record = { topic, partition: place, key: Buffer.from(key), value, timestamp, headers: [] };
    // Nothing was taken when it fails: a leader has moved.
    const [offset = 0] = await world.admin.write([record]).catch(() => world.admin.write([record]));
    const isLastLook = this.#areLastLooks;
    this.#inputs.push({ id, topic, key, partition: place, offset, timestamp, isGone, v, g, isLastLook });
  }

  async #writeMany(count: number): Promise<void> {
    const { world } = this;
    const partitions = world.cluster.topic('s').logs.length;
    const drafts = Array.from({ length: count }, (_, n): Input => {
      const id = this.#inputs.length + n;
      const key = KEYS[n % KEYS.length] as string;
      const partition = partitionOf(key, partitions);
      const timestamp = world.scheduler.nowMs() - partition * LAG_MS;
      const [v, g] = [(id * 37) % 100, KEYS[(id * 7) % KEYS.length] as string];
      return { id, topic: 's', key, partition, offset: 0, timestamp, isGone: false, v, g, isLastLook: false };
    });
    // By partitions: of one that fails, as its leader has moved, nothing was taken.
    for (const ofPartition of Map.groupBy(drafts, ({ partition }) => partition).values()) {
      const records = ofPartition.map(({ id, key, partition, timestamp, v, g }) => {
        const value = Buffer.from(JSON.stringify({ ID: id, V: v, G: g }));
        return { topic: 's', partition, key: Buffer.from(key), value, timestamp, headers: [] };
      });
      const offsets = await world.admin.write(records).catch(() => world.admin.write(records));
      ofPartition.forEach((draft, n) => this.#inputs.push({ ...draft, offset: offsets[n] as number }));
    }
  }

  /** Moves the time of each partition past all that is held back. */
  async #close(): Promise<void> {
    for (const topic of ['s', 'r'] as const)
      for (let partition = 0; partition < this.plan.partitions; partition++)
        await this.#write(topic, `${CLOSING_KEY}${keyOf(partition, this.plan.partitions)}`, {
          aheadMs: CLOSING_AHEAD_MS,
        });
  }

  async #until(what: string, isSo: () => boolean): Promise<void> {
    const { scheduler } = this.world;
    const startedMs = scheduler.nowMs();
    while (!isSo()) {
      if (scheduler.nowMs() - startedMs > REST_MAX_MS)
        throw new Error(`${what}: not within ${REST_MAX_MS} ms: ${this.#state()}`);
      await sleep(scheduler, LOOK_MS);
    }
  }

  /** One server leads, nobody stands still, and all of its queries have read and committed all that there is. */
  async #untilRest(when: string): Promise<void> {
    const isAtRest = (): boolean => {
      // One that was told to stop may have ended since.
      if (this.servers.living.length === 0) this.#replace();
      const [leader, ...others] = this.servers.leaders;
      if (leader === undefined || others.length > 0) return false;
      return this.servers.living.every(({ isFrozen }) => !isFrozen) && this.#isDone(leader);
    };
    await this.#until(`all is done ${when}`, isAtRest);
    const claims = this.#claims;
    await sleep(this.world.scheduler, OFFSETS_MS);
    if (this.#claims > claims) this.problems.push(`the service id changed hands ${when}, with nothing wrong`);
    await this.#until(`all is still done ${when}`, isAtRest);
  }

  get #claims(): number {
    return this.servers.all.reduce((sum, { claims }) => sum + claims, 0);
  }

  #isDone({ engine }: SimulatedServer): boolean {
    const queries = [...(engine?.queries.values() ?? [])];
    return (
      queries.length === this.plan.queries.length &&
      queries.every(({ task }) => {
        if (task?.state !== 'RUNNING') return false;
        return task.positions.every(
          ({ topic, partition, offset }) => offset === this.world.cluster.findLog(topic, partition)?.stableEnd,
        );
      }) &&
      this.#hasAllPartitions(queries)
    );
  }

  #hasAllPartitions(
    queries: readonly { readonly task: { readonly positions: readonly { topic: string }[] } | undefined }[],
  ): boolean {
    return queries.every(({ task }) => {
      const read = Map.groupBy(task?.positions ?? [], ({ topic }) => topic);
      return [...read].every(([topic, places]) => places.length === this.world.cluster.topic(topic).logs.length);
    });
  }

  #state(): string {
    return this.servers.living
      .map(({ name, engine, isFrozen }) => {
        const queries = [...(engine?.queries.values() ?? [])].map(
          ({ queryId, task, errors }) => `${queryId} ${task?.state} ${errors.at(-1)?.message ?? ''}`,
        );
        return `${name}${isFrozen ? ' (still)' : ''} ${engine?.leadership?.role ?? 'not open'} ${engine?.leadership?.trouble ?? ''} [${queries.join('; ')}]`;
      })
      .join(', ');
  }

  // What was seen

  #see(): void {
    const { sightings, world, servers } = this;
    sightings.addOccurrences(world.cluster.occurrences);
    if (this.#claims > 2) sightings.add('takenOver');
    if (world.said.some((message) => message.startsWith('Skipping record for expired window')))
      sightings.add('lateRecord');
    if (this.isLossTold) sightings.add('lossTold');
    if (servers.disks.some(({ found }) => found.some((progress) => progress !== undefined)))
      sightings.add('stateFromDisk');
    for (const query of servers.all.flatMap(({ engine }) => [...(engine?.queries.values() ?? [])]))
      if ((query.task?.restore?.total ?? 0) > 0) sightings.add('stateRestored');
    for (const name of this.plan.queries) if (this.output(QUERIES[name].sink).length > 0) sightings.add(name);
  }
}

/** A number whose key belongs to a partition. */
function keyOf(partition: number, partitions: number): number {
  for (let n = 0; ; n++) if (partitionOf(`${CLOSING_KEY}${n}`, partitions) === partition) return n;
}
