import type { LoggedQuery } from '../../command/fold.js';
import type { EngineOptions } from '../../engine/engine-options.js';
import { persistentSources } from '../../engine/query-facts.js';
import type { HostedQuery, Owner } from '../../engine/query-host.js';
import { WriterFencedError } from '../../ports/broker.js';
import { timers } from '../../ports/scheduler.js';
import { planCodec } from '../../plan/codec/plan-codec.js';
import {
  errorMessage,
  errorOf,
  ThreadGoneError,
  type Answer,
  type Channel,
  type FromThread,
  type Question,
  type ToThread,
} from './query-messages.js';
import { ThreadQuery } from './thread-query.js';

const FIRST_BACKOFF_MS = 500;
const BACKOFF_MAX_MS = 30_000;
/** A thread that has lived for so long died of something new. */
const STEADY_MS = 60_000;
/** A query has 2 s for the records that it has taken; the brokers may need as long as a commit may take. */
const STOP_MAX_MS = 60_000;
/** When the ownership is over nothing of what the thread still does can be committed. */
const END_MAX_MS = 5_000;

/** A thread as its maker has it. */
export interface OpenedThread extends Channel<ToThread> {
  onMessage(take: (message: FromThread) => void): void;
  /** Told once, with the reason, when it is gone, however that came about. */
  onGone(gone: (reason: string) => void): void;
  /** Ends it, whatever it does. */
  terminate(): Promise<void>;
}
export type OpenThread = () => OpenedThread;

export interface ThreadHandleOptions extends Pick<
  EngineOptions,
  'functions' | 'onLog' | 'onQueryState' | 'onQueryRestore'
> {
  readonly name: string;
  readonly transactionalIds: readonly string[];
  readonly open: OpenThread;
}

/** A thread that runs queries, from outside: made when it is needed, made again after it died. */
export class ThreadHandle {
  #thread: OpenedThread | undefined;
  #owner: Owner | undefined;
  /** Counts the owners that the thread has known. */
  #term = 0;
  readonly #queries = new Map<string, ThreadQuery>();
  readonly #calls = new Map<number, PromiseWithResolvers<Answer>>();
  #lastCall = 0;
  #openedMs = 0;
  #backoffMs = FIRST_BACKOFF_MS;
  /** Takes the opening back that is due; undefined when none is. */
  #opening: (() => void) | undefined;
  #isClosed = false;

  constructor(private readonly options: ThreadHandleOptions) {}

  get queryCount(): number {
    return this.#queries.size;
  }
  /** What its queries read. */
  get topics(): readonly string[] {
    return [...this.#queries.values()].flatMap(({ topics }) => topics);
  }

  begin(owner: Owner): void {
    const term = ++this.#term;
    this.#owner = owner;
    // A thread that is there from an earlier ownership commits under its ids in this one, too.
    owner.delegate(this.options.transactionalIds);
    this.#send({ kind: 'begin', term });
    void owner.over.then(() => {
      if (this.#term === term) this.#owner = undefined;
      this.#send({ kind: 'over', term });
    });
  }

  run(query: LoggedQuery, isPaused: boolean): HostedQuery {
    const { queryId, plan } = query;
    const { functions, onQueryState } = this.options;
    const hosted = new ThreadQuery(
      {
        queryId,
        topics: persistentSources(plan).map(({ topic }) => topic),
        message: { ...query, plan: planCodec(functions).encode(plan) },
        onState: (state, error) => onQueryState(queryId, state, error),
      },
      {
        send: (message) => this.#send(message),
        ask: (question) => this.#ask(question),
        stopped: () => {
          if (this.#queries.get(queryId) === hosted) this.#queries.delete(queryId);
        },
        stop: () =>
          this.#within(this.#owner === undefined ? END_MAX_MS : STOP_MAX_MS, this.#ask({ kind: 'stop', queryId })),
      },
      isPaused,
    );
    this.#queries.set(queryId, hosted);
    // While it is dead it is about to be made again, with all queries that it is to run.
    if (this.#thread === undefined && this.#opening === undefined) this.#open();
    else this.#send(hosted.runMessage);
    return hosted;
  }

  async settle(): Promise<void> {
    if (this.#thread !== undefined) await this.#ask({ kind: 'settle' });
  }

  async end(): Promise<void> {
    if (this.#thread !== undefined) await this.#within(END_MAX_MS, this.#ask({ kind: 'end' }));
    this.#owner = undefined;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#opening?.();
    await this.#thread?.terminate();
  }

  #open(): void {
    this.#opening = undefined;
    if (this.#isClosed || this.#owner === undefined || this.#queries.size === 0) return;
    this.#openedMs = performance.now();
    let thread: OpenedThread;
    try {
      thread = this.options.open();
    } catch (error) {
      // The machine may have no room for another one now: that is no reason for the thread of requests to die.
      this.#gone(`it cannot be made: ${errorMessage(error).message}`);
      return;
    }
    this.#thread = thread;
    thread.onMessage((message) => {
      if (this.#thread === thread) this.#take(message);
    });
    thread.onGone((reason) => {
      if (this.#thread === thread) this.#gone(reason);
    });
    this.#send({ kind: 'begin', term: this.#term });
    for (const query of this.#queries.values()) query.begin();
  }

  /** Its queries go on where they have committed, on a new thread, after the pause that a query of its own would make. */
  #gone(reason: string): void {
    this.#thread = undefined;
    const message = `${this.options.name} ended: ${reason}`;
    for (const { reject } of this.#calls.values()) reject(new ThreadGoneError(message));
    this.#calls.clear();
    if (this.#isClosed) return;
    if (performance.now() - this.#openedMs > STEADY_MS) this.#backoffMs = FIRST_BACKOFF_MS;
    for (const query of this.#queries.values()) query.lost(message);
    this.#opening = timers.after(this.#backoffMs, () => this.#open());
    this.#backoffMs = Math.min(this.#backoffMs * 2, BACKOFF_MAX_MS);
  }

  #send(message: ToThread): void {
    this.#thread?.postMessage(message);
  }

  async #ask(question: Question): Promise<Answer> {
    if (this.#thread === undefined) throw new ThreadGoneError(`${this.options.name} does not run`);
    const answer = Promise.withResolvers<Answer>();
    const call = ++this.#lastCall;
    this.#calls.set(call, answer);
    this.#send({ kind: 'ask', call, question });
    return answer.promise;
  }

  /** A thread that does not do in time what it is asked is ended: what it has not committed it never will. */
  async #within(limitMs: number, work: Promise<unknown>): Promise<void> {
    const takeBack = timers.after(limitMs, () => void this.#thread?.terminate());
    await work.catch(() => undefined);
    takeBack();
  }

  #take(message: FromThread): void {
    switch (message.kind) {
      case 'status':
        this.#queries.get(message.queryId)?.told(message.status);
        return;
      case 'state':
        this.options.onQueryState(message.queryId, message.state, message.error);
        return;
      case 'restoring':
        this.options.onQueryRestore?.(message.queryId, message.restore);
        return;
      case 'log':
        for (const entry of message.entries) this.options.onLog(entry);
        return;
      case 'committed':
        this.#queries.get(message.queryId)?.committed(message.batches);
        return;
      case 'untapped':
        this.#queries.get(message.queryId)?.untapped();
        return;
      case 'confirm':
        void this.#confirm(message.call, message.term, this.#thread);
        return;
      case 'lost':
        if (message.term === this.#term) this.#owner?.end(new WriterFencedError(message.message));
        return;
      case 'answer': {
        const call = this.#calls.get(message.call);
        this.#calls.delete(message.call);
        if (message.error === undefined) call?.resolve(message);
        else call?.reject(errorOf(message.error));
      }
    }
  }

  /** Only the thread that has asked hears the answer: one that was made since counts its calls anew, and has opened its writers later. */
  async #confirm(call: number, term: number, thread: OpenedThread | undefined): Promise<void> {
    let answer: Answer = { kind: 'answer', call };
    try {
      if (term !== this.#term || this.#owner === undefined) throw new Error('its ownership is over');
      await this.#owner.confirm();
    } catch (error) {
      answer = { ...answer, error: errorMessage(error) };
    }
    if (this.#thread === thread) thread?.postMessage(answer);
  }
}
