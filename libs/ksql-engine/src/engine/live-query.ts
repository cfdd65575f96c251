import { coalescesChanges, persistentSources } from './query-facts.js';
import type { QueryPlan } from '../plan/nodes.js';
import { PersistentQuery, type PersistentQueryOptions } from '../runtime/persistent-query.js';
import type { ExistingQuery } from './planned-statement.js';

/** A persistent query of a live engine: its plan, what made it, and the task that runs it. */
export class LiveQuery implements ExistingQuery {
  #task: PersistentQuery | undefined;

  constructor(
    readonly plan: QueryPlan,
    readonly kind: ExistingQuery['kind'],
    readonly sinkName: string | undefined,
    readonly statementText: string,
    /** Properties of the request that made it. */
    readonly properties: Readonly<Record<string, string>>,
    readonly applicationId: string,
    public isPaused: boolean = false,
  ) {}

  get queryId(): string {
    return this.plan.queryId;
  }
  get task(): PersistentQuery | undefined {
    return this.#task;
  }

  start(
    options: Omit<PersistentQueryOptions, 'queryId' | 'applicationId' | 'sources' | 'sinkTopic' | 'coalesceSink'> & {
      /** `cache.max.bytes.buffering`; 0 sends every change of a table. */
      readonly cacheBytes: number | undefined;
    },
  ): void {
    this.#task = new PersistentQuery({
      ...options,
      queryId: this.queryId,
      applicationId: this.applicationId,
      sources: persistentSources(this.plan),
      sinkTopic: this.plan.sink.kind === 'topic' ? this.plan.sink.topic.topic : undefined,
      coalesceSink: options.cacheBytes !== 0 && coalescesChanges(this.plan),
    });
    if (this.isPaused) this.#task.pause();
  }

  pause(): void {
    this.isPaused = true;
    this.#task?.pause();
  }
  resume(): void {
    this.isPaused = false;
    this.#task?.resume();
  }
  async stop(): Promise<void> {
    await this.#task?.stop();
    this.#task = undefined;
  }
}
