import { LocalHost, type LocalHostOptions } from '../../engine/local-host.js';
import { RowsNotThereError, type HostedQuery, type Owner, type QueryStatus } from '../../engine/query-host.js';
import { openOwned, TenureOverError } from '../../lease/tenure.js';
import { planCodec } from '../../plan/codec/plan-codec.js';
import type { ProcessingLogEntry } from '../../ports/ports.js';
import { timers } from '../../ports/scheduler.js';
import type { StoredRow } from '../../topology/topology.js';
import {
  decodeKeys,
  encodePages,
  errorMessage,
  errorOf,
  memoryOf,
  packRecords,
  type Answer,
  type Channel,
  type FromThread,
  type QueryMessage,
  type Question,
  type ToThread,
} from './query-messages.js';

/** How often it is told how queries are, beside each change of their state. */
const STATUS_MS = 500;
/** What is logged goes in one message for so long; garbage by the million must not keep the other thread busy. */
const LOG_MS = 100;
const LOG_ENTRIES_MAX = 500;

/** The world of the thread. What its queries tell goes to the thread that answers requests. */
export type QueryThreadOptions = Omit<LocalHostOptions, 'onLog' | 'onQueryState' | 'onQueryRestore'>;

interface Running {
  readonly query: HostedQuery;
  untap: (() => void) | undefined;
  told: string;
}

/** Runs queries as it is told to through a channel: the program of a thread, without the thread. */
export class QueryThread {
  readonly #host: LocalHost;
  readonly #running = new Map<string, Running>();
  readonly #scans = new Map<number, AsyncGenerator<readonly StoredRow[]>>();
  readonly #calls = new Map<number, PromiseWithResolvers<undefined>>();
  #takeBack: () => void;
  #lastCall = 0;
  #ownership: { readonly term: number; end(cause: Error): void } | undefined;
  #log: ProcessingLogEntry[] = [];
  #logLeftOut = 0;
  #takeLogBack: (() => void) | undefined;

  constructor(
    private readonly channel: Channel<FromThread>,
    private readonly options: QueryThreadOptions,
  ) {
    this.#host = new LocalHost({
      ...options,
      onLog: (entry) => this.#noteLog(entry),
      onQueryState: (queryId, state, error) => {
        this.#tellStatus(queryId);
        channel.postMessage({ kind: 'state', queryId, state, error });
      },
      onQueryRestore: (queryId, restore) => channel.postMessage({ kind: 'restoring', queryId, restore }),
    });
    this.#takeBack = timers.after(STATUS_MS, () => this.#tellAll());
  }

  /** To be called with each message that comes. */
  take(message: ToThread): void {
    switch (message.kind) {
      case 'begin': {
        const ownership = this.#ownerOf(message.term);
        this.#ownership = ownership;
        this.#host.begin(ownership.owner);
        return;
      }
      case 'over':
        if (this.#ownership?.term === message.term) this.#ownership.end(new Error('its ownership is over'));
        return;
      case 'run':
        this.#run(message.query, message.isPaused);
        return;
      case 'pause':
      case 'resume':
        this.#running.get(message.queryId)?.query[message.kind]();
        return;
      case 'tap':
        this.#tap(message.queryId);
        return;
      case 'untap':
        this.#untap(message.queryId);
        return;
      case 'leave':
        void this.#scans.get(message.scan)?.return(undefined);
        this.#scans.delete(message.scan);
        return;
      case 'ask':
        void this.#answer(message.call, message.question);
        return;
      case 'answer': {
        const call = this.#calls.get(message.call);
        this.#calls.delete(message.call);
        if (message.error === undefined) call?.resolve(undefined);
        else call?.reject(errorOf(message.error));
      }
    }
  }

  close(): void {
    this.#takeBack();
    this.#takeLogBack?.();
  }

  #run({ plan, ...query }: QueryMessage, isPaused: boolean): void {
    const logged = { ...query, plan: planCodec(this.options.functions).decode(plan) };
    this.#running.set(query.queryId, { query: this.#host.run(logged, isPaused), untap: undefined, told: '' });
  }

  #tap(queryId: string): void {
    const running = this.#running.get(queryId);
    if (running === undefined || running.untap !== undefined) return;
    running.untap = running.query.tap({
      onCommitted: (records) => {
        const batches = packRecords(records);
        this.channel.postMessage({ kind: 'committed', queryId, batches }, memoryOf(batches));
      },
      onEnd: () => this.channel.postMessage({ kind: 'untapped', queryId }),
    });
  }

  #untap(queryId: string): void {
    const running = this.#running.get(queryId);
    running?.untap?.();
    if (running !== undefined) running.untap = undefined;
  }

  async #answer(call: number, question: Question): Promise<void> {
    let answer: Answer;
    try {
      const rows = await this.#answerOf(question);
      answer = { kind: 'answer', call, ...(rows === undefined ? {} : { rows }) };
    } catch (error) {
      answer = { kind: 'answer', call, error: errorMessage(error) };
    }
    this.channel.postMessage(
      answer,
      answer.rows?.pages.map(({ buffer }) => buffer),
    );
  }

  async #answerOf(question: Question): Promise<Answer['rows'] | undefined> {
    switch (question.kind) {
      case 'stop': {
        const running = this.#running.get(question.queryId);
        await running?.query.stop();
        this.#tellStatus(question.queryId);
        if (this.#running.get(question.queryId) === running) this.#running.delete(question.queryId);
        return undefined;
      }
      case 'rows': {
        const keys = question.keys && decodeKeys(question.keys);
        const rows = this.#running.get(question.queryId)?.query.rows(keys);
        if (rows !== undefined) this.#scans.set(question.scan, rows);
        return this.#nextRows(question.scan);
      }
      case 'more':
        return this.#nextRows(question.scan);
      case 'settle':
        await this.#host.settle();
        return undefined;
      case 'end':
        await this.#host.end();
        return undefined;
    }
  }

  async #nextRows(scan: number): Promise<Answer['rows']> {
    const rows = this.#scans.get(scan);
    if (rows === undefined) throw new RowsNotThereError();
    try {
      const { done, value } = await rows.next();
      if (done === true) this.#scans.delete(scan);
      return { pages: done === true ? [] : encodePages(value), isDone: done === true };
    } catch (error) {
      this.#scans.delete(scan);
      throw error;
    }
  }

  #ownerOf(term: number): { readonly term: number; readonly owner: Owner; end(cause: Error): void } {
    const over = Promise.withResolvers<Error>();
    let cause: Error | undefined;
    const requireNotOver = (): void => {
      if (cause !== undefined) throw new TenureOverError(`this thread may not commit any more: ${cause.message}`);
    };
    const end = (why: Error): void => {
      cause ??= why;
      over.resolve(why);
    };
    const confirm = async (): Promise<void> => {
      requireNotOver();
      const confirmed = Promise.withResolvers<undefined>();
      const call = ++this.#lastCall;
      this.#calls.set(call, confirmed);
      this.channel.postMessage({ kind: 'confirm', call, term });
      await confirmed.promise;
      requireNotOver();
    };
    const lose = (why: Error): void => {
      if (cause === undefined) this.channel.postMessage({ kind: 'lost', term, message: why.message });
      end(why);
    };
    const tenure = { confirm, requireNotOver, end: lose };
    const openWriter: Owner['openWriter'] = (id) => openOwned(id, this.options.broker, tenure);
    return {
      term,
      end,
      owner: { openWriter, delegate: () => undefined, confirm, end: lose, over: over.promise },
    };
  }

  #tellAll(): void {
    this.#takeBack = timers.after(STATUS_MS, () => this.#tellAll());
    for (const [queryId, running] of this.#running) {
      const status = statusOf(running.query);
      // All of it: a query that waits, or that comes past marks of transactions, takes no record that would count.
      const now = JSON.stringify(status);
      if (now === running.told) continue;
      running.told = now;
      this.channel.postMessage({ kind: 'status', queryId, status });
    }
  }

  #tellStatus(queryId: string): void {
    const running = this.#running.get(queryId);
    if (running !== undefined) this.channel.postMessage({ kind: 'status', queryId, status: statusOf(running.query) });
  }

  #noteLog({ record: _, ...entry }: ProcessingLogEntry): void {
    if (this.#log.length < LOG_ENTRIES_MAX) this.#log.push(entry);
    else this.#logLeftOut++;
    this.#takeLogBack ??= timers.after(LOG_MS, () => this.#tellLog());
  }

  #tellLog(): void {
    this.#takeLogBack = undefined;
    const entries = this.#log;
    const last = entries.at(-1);
    if (last !== undefined && this.#logLeftOut > 0)
      entries.push({
        type: last.type,
        queryId: last.queryId,
        message: `${this.#logLeftOut} more of these and others were left out`,
        cause: [],
      });
    this.#log = [];
    this.#logLeftOut = 0;
    this.channel.postMessage({ kind: 'log', entries });
  }
}

/** A query is more than its status, and no plain value. */
function statusOf(query: HostedQuery): QueryStatus {
  const { state, errors, metrics, restore, storedBytes, positions, transactionWait, schemaWait, tasks } = query;
  return { state, errors, metrics, restore, storedBytes, positions, transactionWait, schemaWait, tasks };
}
