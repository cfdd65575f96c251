import type { CommandState } from '../command/fold.js';
import type { Checkpoints } from '../runtime/checkpoints.js';
import type { EngineOptions } from './engine-options.js';
import { LiveQuery } from './live-query.js';
import type { Owner, QueryHost } from './query-host.js';

/** Makes what runs follow the state of the log: starts, replaces, pauses and ends queries. Not concurrent. */
export class QueryAssignment {
  #queries: ReadonlyMap<string, LiveQuery> = new Map();
  /** Undefined on a server that stands by: it knows the queries and runs none. */
  #owner: Owner | undefined;

  constructor(
    private readonly options: EngineOptions,
    private readonly checkpoints: Checkpoints,
    private readonly host: QueryHost,
  ) {}

  /** In the order of the log. */
  get queries(): ReadonlyMap<string, LiveQuery> {
    return this.#queries;
  }

  /**
   * What can go on goes on. Queries that are gone end with their topics, their group and their checkpoint; one that takes the
   * place of another under its id takes them over.
   *
   * @throws BrokerUnavailableError where something that is left of an ended query could not be deleted; the assignment is complete
   */
  async assign(state: CommandState): Promise<void> {
    const before = this.#queries;
    const owner = this.#owner;
    const ended: LiveQuery[] = [];
    for (const [queryId, query] of before) {
      const wanted = state.queries.get(queryId);
      if (wanted?.sequenceNumber === query.sequenceNumber) continue;
      if (wanted === undefined) ended.push(query);
      else await query.stop();
    }
    this.#queries = new Map(
      [...state.queries.values()].map((wanted) => {
        const running = before.get(wanted.queryId);
        if (running?.sequenceNumber === wanted.sequenceNumber) {
          if (wanted.isPaused && !running.isPaused) running.pause();
          if (!wanted.isPaused && running.isPaused) running.resume();
          return [wanted.queryId, running];
        }
        return [wanted.queryId, new LiveQuery(wanted, this.options.clock.nowMs())];
      }),
    );
    if (owner === undefined || owner !== this.#owner) return;
    for (const query of this.#queries.values())
      if (query.task === undefined && query.problem === undefined) query.start(this.host);
    const left = await Promise.allSettled(ended.map((query) => this.#end(query)));
    for (const outcome of left) if (outcome.status === 'rejected') throw outcome.reason;
  }

  /** All that is to run does from now on: see `assign`. */
  async begin(owner: Owner, state: CommandState): Promise<void> {
    this.#owner = owner;
    this.host.begin(owner);
    await this.assign(state);
  }

  /** Nothing runs any more, until `begin`; may come between, while an assignment is under way. */
  async stop(): Promise<void> {
    this.#owner = undefined;
    await Promise.all([...this.#queries.values()].map((query) => query.stop()));
    await this.host.end();
  }

  /** Which of these have something left, after a server that was killed while it ended them. */
  async leftOver(applicationIds: readonly string[]): Promise<readonly string[]> {
    const topics = [...(await this.options.broker.listTopics()).keys()];
    const owners = await this.checkpoints.owners();
    return applicationIds.filter((id) => owners.has(id) || this.#internalTopics(id, topics).length > 0);
  }

  /** Deletes what queries that ended have left. The checkpoint goes last: as long as it is there, there may be more. */
  async forget(applicationId: string): Promise<void> {
    const { broker, clock } = this.options;
    // A later owner may have begun another query of this id, and clears away what this one leaves.
    if (this.#owner === undefined) return;
    await this.#owner.confirm();
    await broker.deleteTopics(this.#internalTopics(applicationId, [...(await broker.listTopics()).keys()]));
    await broker.deleteGroup(applicationId);
    this.options.states?.forget(applicationId);
    await this.checkpoints.forget(applicationId, clock.nowMs());
  }

  async #end(query: LiveQuery): Promise<void> {
    await query.stop();
    await this.forget(query.applicationId);
  }

  /** Those of a query that ended. Names of sources, and so of queries, may hold a hyphen: what begins with a longer name is that query's. */
  #internalTopics(applicationId: string, topics: readonly string[]): readonly string[] {
    const prefix = `${applicationId}-`;
    const others = [...this.#queries.values()]
      .map((query) => `${query.applicationId}-`)
      .filter((other) => other.startsWith(prefix));
    return topics.filter((topic) => topic.startsWith(prefix) && !others.some((other) => topic.startsWith(other)));
  }
}
