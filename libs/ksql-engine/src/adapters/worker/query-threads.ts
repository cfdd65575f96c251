import type { LoggedQuery } from '../../command/fold.js';
import type { EngineOptions } from '../../engine/engine-options.js';
import { persistentSources } from '../../engine/query-facts.js';
import type { HostedQuery, Owner, QueryHost } from '../../engine/query-host.js';
import { THREADS_PROPERTY } from '../../engine/query-host.js';
import { Commits } from '../../runtime/commits.js';
import { ThreadHandle, type OpenThread } from './thread-handle.js';

/** More threads than any machine has use for. */
const THREADS_MAX = 64;
/** What a query adds to its thread, beside the fetch and the decoding of a topic that no other query there reads. */
const QUERY_LOAD = 0.25;

export interface QueryThreadsOptions extends Pick<
  EngineOptions,
  'functions' | 'onLog' | 'onQueryState' | 'onQueryRestore'
> {
  /** How many threads queries are spread over that ask for no number themselves; 0: they run where requests are answered. */
  readonly threads: number;
  /** What the ids of all transactions of the service begin with. */
  readonly transactionalIdPrefix: string;
  /** Makes a thread; `transactionalIdPrefix` is its own. */
  openThread(transactionalIdPrefix: string): ReturnType<OpenThread>;
  /** Runs queries on this thread, for when there are no others. */
  readonly local: QueryHost;
}

/**
 * Runs queries on threads of their own, each with its own connections, transactional ids and shared scans, so that nothing that queries do
 * keeps a request waiting, and a thread that dies takes its own queries along and no other. A thread is made when a query needs it.
 */
export class QueryThreads implements QueryHost {
  readonly #threads: ThreadHandle[] = [];
  #owner: Owner | undefined;

  constructor(private readonly options: QueryThreadsOptions) {}

  /** Those of threads are delegated when they are made. */
  get transactionalIds(): readonly string[] {
    return this.options.local.transactionalIds;
  }

  begin(owner: Owner): void {
    this.#owner = owner;
    this.options.local.begin(owner);
    for (const thread of this.#threads) thread.begin(owner);
  }

  run(query: LoggedQuery, isPaused: boolean): HostedQuery {
    const asked = Math.min(THREADS_MAX, Math.floor(Number(askedThreads(query))) || 0);
    const threads = Math.max(this.options.threads, asked);
    return (threads === 0 ? this.options.local : this.#placeOf(query, threads)).run(query, isPaused);
  }

  async settle(): Promise<void> {
    await Promise.all([this.options.local.settle(), ...this.#threads.map((thread) => thread.settle())]);
  }

  async end(): Promise<void> {
    this.#owner = undefined;
    await Promise.all([this.options.local.end(), ...this.#threads.map((thread) => thread.end())]);
  }

  async close(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  /** The thread that has least to do with the query, of those that it may run on. */
  #placeOf(query: LoggedQuery, count: number): ThreadHandle {
    while (this.#threads.length < count) this.#threads.push(this.#thread(this.#threads.length));
    const topics = persistentSources(query.plan).map(({ topic }) => topic);
    const load = (thread: ThreadHandle): number =>
      new Set([...thread.topics, ...topics]).size + QUERY_LOAD * thread.queryCount;
    return this.#threads.slice(0, count).reduce((best, thread) => (load(thread) < load(best) ? thread : best));
  }

  #thread(index: number): ThreadHandle {
    const { transactionalIdPrefix: prefix, openThread, ...told } = this.options;
    const number = index + 1;
    const own = `${prefix}-thread-${number}`;
    const thread = new ThreadHandle({
      ...told,
      name: `query thread ${number}`,
      transactionalIds: Commits.transactionalIds(own),
      open: () => openThread(own),
    });
    if (this.#owner !== undefined) thread.begin(this.#owner);
    return thread;
  }
}

/** As a query asks for it: what the server is told goes for all queries. */
const askedThreads = ({ properties }: LoggedQuery): string | undefined =>
  properties[`ksql.streams.${THREADS_PROPERTY}`] ?? properties[THREADS_PROPERTY];
