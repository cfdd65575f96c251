import { sha256 } from '@noble/hashes/sha2.js';
import type { LoggedQuery } from '../command/fold.js';
import { must } from '../errors/assert.js';
import { lookup } from '../facts/world-facts.js';
import { SharedDecodes } from '../operators/source/shared-decodes.js';
import { planCodec } from '../plan/codec/plan-codec.js';
import type { Checkpoints } from '../runtime/checkpoints.js';
import { Commits } from '../runtime/commits.js';
import { CORRUPT_BATCHES_PROPERTY } from '../runtime/corrupt-batches.js';
import { admitting, type KnownSchemas } from '../runtime/schema-admission.js';
import { SharedScans } from '../runtime/scan/shared-scans.js';
import { buildTopology } from '../topology/build-topology.js';
import { EventTimeBound } from '../topology/event-time-bound.js';
import type { EngineOptions } from './engine-options.js';
import { LocalQuery } from './local-query.js';
import { registryParts } from './query-facts.js';
import type { HostedQuery, Owner, QueryHost } from './query-host.js';
import { withRecorded } from './result-settings.js';

/** What running queries need of the world around them. */
export type LocalHostOptions = Pick<
  EngineOptions,
  | 'broker'
  | 'clock'
  | 'random'
  | 'functions'
  | 'config'
  | 'commitIntervalMs'
  | 'states'
  | 'deadLetter'
  | 'onLog'
  | 'onQueryState'
  | 'onQueryRestore'
> & {
  readonly checkpoints: Checkpoints;
  readonly internalTopicReplicas: number;
  /** Of all ids that it commits under; no other host of the service id may have it. */
  readonly transactionalIdPrefix: string;
  /** Of the ids that records bear; undefined without a schema registry. */
  readonly schemas: KnownSchemas | undefined;
};

/** Runs queries on this thread: they share what is fetched, what is decoded, and their transactions. */
export class LocalHost implements QueryHost {
  #commits: Commits | undefined;
  readonly #scans: SharedScans;
  readonly #decodes = new SharedDecodes();

  constructor(private readonly options: LocalHostOptions) {
    this.#scans = new SharedScans(options);
  }

  get transactionalIds(): readonly string[] {
    return Commits.transactionalIds(this.options.transactionalIdPrefix);
  }

  begin(owner: Owner): void {
    this.#commits = new Commits(owner, this.options.transactionalIdPrefix);
  }

  async settle(): Promise<void> {
    await this.#commits?.settle();
  }

  async end(): Promise<void> {
    await this.#commits?.close();
  }

  run(query: LoggedQuery, isPaused: boolean): HostedQuery {
    const { broker, clock, random, functions, config, schemas } = this.options;
    const { queryId } = query;
    let awaited: readonly number[] = [];
    const properties = new Map(Object.entries(query.properties));
    const property = withRecorded(query.settings, (name) => lookup(properties, config, name));
    const timeBound = new EventTimeBound(property, () => clock.nowMs());
    const inputBytesMax = Number(property('input.buffer.max.bytes'));
    const cache = property('cache.max.bytes.buffering') ?? property('statestore.cache.max.bytes');
    const hosted = new LocalQuery(query, {
      broker,
      scans: admitting(this.#scans, registryParts(query.plan), schemas, (ids) => (awaited = ids)),
      schemaWait: () => awaited.map((id) => schemas?.waitFor(id)).find((wait) => wait !== undefined),
      commits: must(this.#commits, 'the commits of an owner'),
      checkpoints: this.options.checkpoints,
      clock,
      offsetReset: property('auto.offset.reset') === 'earliest' ? 'earliest' : 'latest',
      commitIntervalMs: this.options.commitIntervalMs,
      internalTopicReplicas: this.options.internalTopicReplicas,
      inputBytesMax: inputBytesMax > 0 ? inputBytesMax : undefined,
      skipsCorruptBatches: property(CORRUPT_BATCHES_PROPERTY) === 'skip',
      latestMs: () => timeBound.latestMs(),
      cacheBytes: cache === undefined ? undefined : Number(cache),
      states: this.options.states,
      fingerprint: this.#fingerprint(query),
      createTopology: (hooks, code, stores) =>
        buildTopology(query.plan, {
          functions,
          functionContext: { nowMs: () => clock.nowMs(), random: () => random.next(), property },
          log: { append: (entry) => hooks.onLog(entry) },
          property,
          code,
          stores,
          decodes: this.#decodes,
          schemas: schemas?.table,
          onSink: (records) => hooks.onSink(records),
          onRows: () => undefined,
        }),
      deadLetter: (entry) => this.options.deadLetter(entry),
      onLog: (entry) => this.options.onLog(entry),
      onState: (state, error) => this.options.onQueryState(queryId, state, error),
      onRestore: (restore) => this.options.onQueryRestore?.(queryId, restore),
    });
    if (isPaused) hosted.pause();
    return hosted;
  }

  /** Of the plan as it is recorded: what is stored means nothing to another one. */
  #fingerprint(query: LoggedQuery): string {
    if (this.options.states === undefined) return '';
    const plan = planCodec(this.options.functions).encode(query.plan);
    return Buffer.from(sha256(Buffer.from(JSON.stringify(plan)))).toString('hex');
  }
}
