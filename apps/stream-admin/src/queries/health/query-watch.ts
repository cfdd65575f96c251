import { KeptAdmin, type KafkaClientOptions } from '@isobar/kafka';
import { LOGGER, repeatUntilStop, Shutdown } from '@isobar/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Logger } from 'pino';
import { KAFKA_OPTIONS } from '../../kafka-options.js';
import { EngineView, type EngineObject } from '../engine-view.js';
import { PipelineState } from '../pipeline-state.js';
import { judgeQuery, type JudgedQuery, type ProgressSample } from './judge-query.js';
import { ClusterBounds } from '../../topics/cluster-bounds.js';
import { CommittedOffsets } from './committed-offsets.js';
import { offsetSums } from './offset-sums.js';

const pauseMs = 2_500;
/** What another look at the topics saw this long ago is as good as one of our own. */
const boundsAgeMs = 2_000;
/** The longest window of the rules, and some. */
const samplesMs = 6 * 60_000;
const staleMs = 8_000;
/** So many wait for a query that catches up: it takes what it can. */
const manyRecords = 1_000;

/** Something that went away without us, and when that was seen. */
export interface GoneByHand {
  readonly what: 'dropped' | 'terminated';
  readonly seenAt: string;
}

/** Follows the queries: what the engine holds, how far each is, and what went away without us. */
@Injectable()
export class QueryWatch implements OnApplicationBootstrap {
  private readonly committed: CommittedOffsets;
  private readonly samples = new Map<string, ProgressSample[]>();
  private readonly goneByHand = new Map<string, GoneByHand>();
  private objects: ReadonlyMap<string, EngineObject> = new Map();
  private topics: ReadonlySet<string> | undefined;
  private seenAtMs: number | undefined;
  private fastest: number | undefined;
  private failure: string | undefined;
  private offsetsFailure: string | undefined;

  constructor(
    @Inject(KAFKA_OPTIONS) kafka: KafkaClientOptions,
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly engine: EngineView,
    private readonly state: PipelineState,
    private readonly bounds: ClusterBounds,
    private readonly shutdown: Shutdown,
  ) {
    const admin = new KeptAdmin(kafka);
    this.committed = new CommittedOffsets((groupId) => admin.use((client) => client.fetchOffsets({ groupId })));
    shutdown.register('connections', 'query offsets', () => admin.close());
  }

  onApplicationBootstrap(): void {
    repeatUntilStop(this.shutdown, 'queries', pauseMs, () => this.lookOrTell());
  }

  /** @throws in words when what the engine holds is not known any more */
  check(): void {
    const because = this.failure === undefined ? '' : ` (${this.failure})`;
    if (this.seenAtMs === undefined) throw new Error(`ksqlDB has not answered yet${because}`);
    const ageMs = performance.now() - this.seenAtMs;
    if (ageMs > staleMs)
      throw new Error(`ksqlDB has not told of the queries for ${Math.floor(ageMs / 1_000)} s${because}`);
  }

  /** What was there at the last look. */
  get seen(): ReadonlyMap<string, EngineObject> {
    return this.objects;
  }

  judge(object: EngineObject): JudgedQuery {
    const { query } = object;
    if (query === undefined) throw new Error(`${object.name} has no query`);
    const judged = judgeQuery(
      {
        state: query.state,
        stateReason: query.stateReason,
        isExplained: query.isExplained,
        errors: query.errors,
        samples: this.samples.get(query.id) ?? [],
      },
      Date.now(),
    );
    if (this.offsetsFailure === undefined) return judged;
    return { ...judged, because: [...judged.because, `its offsets cannot be read: ${this.offsetsFailure}`] };
  }

  /** The most records per second that a query took while many waited for it; undefined while none had to catch up. */
  get catchUpPerSecond(): number | undefined {
    return this.fastest;
  }

  /** That an object or its query is gone although nothing here had removed it. */
  gone(name: string): GoneByHand | undefined {
    return this.goneByHand.get(name);
  }

  /** That a topic was not there at the last look. */
  isTopicGone(topic: string): boolean {
    return this.topics?.has(topic) === false;
  }

  /** Looks now, so that what is shown after a change is what the change made. */
  async refresh(): Promise<void> {
    await this.look().catch((error: unknown) => this.logger.debug({ err: error }, 'the queries cannot be looked at'));
  }

  private async lookOrTell(): Promise<void> {
    try {
      await this.look();
      this.failure = undefined;
    } catch (error) {
      this.failure = error instanceof Error ? error.message : String(error);
      this.logger.debug({ err: error }, 'the queries cannot be looked at');
    }
  }

  private async look(): Promise<void> {
    const objects = await this.engine.objects();
    this.noteGone(objects);
    this.objects = objects;
    this.seenAtMs = performance.now();
    await this.sample(objects).then(
      () => (this.offsetsFailure = undefined),
      (error: unknown) => (this.offsetsFailure = error instanceof Error ? error.message : String(error)),
    );
  }

  private noteGone(now: ReadonlyMap<string, EngineObject>): void {
    for (const [name, { what }] of this.goneByHand) {
      const object = now.get(name);
      if (object !== undefined && (what === 'dropped' || object.query !== undefined)) this.goneByHand.delete(name);
    }
    if (this.state.changeUnderWay !== undefined) return;
    const seenAt = new Date().toISOString();
    for (const [name, { query }] of this.objects) {
      const object = now.get(name);
      if (object === undefined) this.goneByHand.set(name, { what: 'dropped', seenAt });
      else if (query !== undefined && object.query === undefined)
        this.goneByHand.set(name, { what: 'terminated', seenAt });
    }
  }

  private async sample(objects: ReadonlyMap<string, EngineObject>): Promise<void> {
    const followed = [...objects.values()].flatMap(({ query }) =>
      query?.groupId === undefined
        ? []
        : [
            {
              id: query.id,
              groupId: query.groupId,
              topics: query.sources.flatMap((name) => objects.get(name)?.topic ?? []),
            },
          ],
    );
    const bounds = await this.bounds.latest(boundsAgeMs);
    this.topics = new Set(bounds.keys());
    const sums = await offsetSums(this.committed, bounds, followed, () => this.bounds.latest());
    for (const [id, sample] of sums) {
      const kept = (this.samples.get(id) ?? []).filter(({ atMs }) => sample.atMs - atMs < samplesMs);
      // An input that goes back was made anew; what was before says nothing about it.
      const before = kept.at(-1);
      if (before !== undefined && sample.lag >= manyRecords) {
        const rate = ((sample.committed - before.committed) * 1_000) / (sample.atMs - before.atMs);
        if (rate > (this.fastest ?? 0)) this.fastest = rate;
      }
      const isAnew = sample.input < (kept.at(-1)?.input ?? 0);
      this.samples.set(id, isAnew ? [sample] : [...kept, sample]);
    }
    for (const id of [...this.samples.keys()]) if (!sums.has(id)) this.samples.delete(id);
  }
}
