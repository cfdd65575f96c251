import { Worker } from 'node:worker_threads';
import type { EvaluatedRow, PullEvaluation, PullEvaluationRequest } from '../../engine/pull-evaluation.js';
import { KsqlError } from '../../errors/sql-error.js';
import type { EvaluationErrors, EvaluationRecord } from '../../expression/evaluator.js';
import {
  decodeEvaluated,
  encodeRows,
  type EvaluationJob,
  type EvaluationOutcome,
  type Forget,
} from './evaluation-messages.js';

/**
 * Pull queries are filtered and projected on threads of their own, so that none of them holds up the queries that run. Each page of
 * rows is one job; a job that takes longer, or more memory, than is allowed ends its thread, and its query alone: the others' jobs
 * wait in one line for whichever thread is free, and a new thread takes the place of one that was ended.
 */

export interface PullWorkersOptions {
  /** Threads at most; they are made when there is work. */
  readonly threads: number;
  /** What one page of rows may take. */
  readonly pageTimeoutMs: number;
  /** Heap of one thread. */
  readonly heapMiBMax: number;
}

interface Waiting {
  readonly id: number;
  readonly request: PullEvaluationRequest;
  readonly rows: Uint8Array;
  readonly resolve: (outcome: EvaluationOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** The program of a thread, compiled; from the sources it is found beside them. */
const program = new URL(
  import.meta.url
    .replace(/\/src\/adapters\/worker\/[^/]*$/, '/dist/adapters/worker/pull-worker.js')
    .replace(/\/pull-workers\.js$/, '/pull-worker.js'),
);

export class PullWorkers {
  private readonly threads = new Set<PullThread>();
  private readonly line: Waiting[] = [];
  private lastId = 0;
  private isClosed = false;

  constructor(private readonly options: PullWorkersOptions) {}

  readonly open = (request: PullEvaluationRequest, errors: EvaluationErrors): PullEvaluation => {
    const id = ++this.lastId;
    return {
      evaluate: (rows) => this.evaluate(id, request, rows, errors),
      close: () => {
        for (const thread of this.threads) thread.forget(id);
      },
    };
  };

  async close(): Promise<void> {
    this.isClosed = true;
    for (const { reject } of this.line.splice(0)) reject(new KsqlError('The server is shutting down'));
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private async evaluate(
    id: number,
    request: PullEvaluationRequest,
    rows: readonly EvaluationRecord[],
    errors: EvaluationErrors,
  ): Promise<readonly EvaluatedRow[]> {
    if (rows.length === 0) return [];
    const outcome = await new Promise<EvaluationOutcome>((resolve, reject) => {
      this.line.push({ id, request, rows: encodeRows(rows), resolve, reject });
      this.dispatch();
    });
    for (const { expression, cause, partition, offset } of outcome.failures)
      errors.report(expression, new Error(cause), { partition, offset });
    if (outcome.error !== undefined) throw new KsqlError(outcome.error);
    return decodeEvaluated(outcome.rows);
  }

  private dispatch(): void {
    while (this.line.length > 0 && !this.isClosed) {
      const thread = this.freeThread();
      const job = thread === undefined ? undefined : this.line.shift();
      if (thread === undefined || job === undefined) return;
      thread.run(job);
    }
  }

  private freeThread(): PullThread | undefined {
    for (const thread of this.threads) if (thread.isFree) return thread;
    if (this.threads.size >= this.options.threads) return undefined;
    const thread = new PullThread(this.options, () => {
      if (thread.hasEnded) this.threads.delete(thread);
      this.dispatch();
    });
    this.threads.add(thread);
    return thread;
  }
}

/** One thread with at most one job. */
class PullThread {
  private readonly worker: Worker;
  private readonly known = new Set<number>();
  private job: Waiting | undefined;
  private timer: NodeJS.Timeout | undefined;
  hasEnded = false;

  constructor(
    private readonly options: PullWorkersOptions,
    private readonly onFree: () => void,
  ) {
    this.worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: options.heapMiBMax } });
    // A thread at rest keeps no process alive.
    this.worker.unref();
    this.worker.on('message', (outcome: EvaluationOutcome) => this.done((job) => job.resolve(outcome)));
    this.worker.on('error', (error) => this.fail(describe(error, options)));
    this.worker.on('exit', () => this.fail('The thread that answered the query ended'));
  }

  get isFree(): boolean {
    return this.job === undefined && !this.hasEnded;
  }

  run(job: Waiting): void {
    this.job = job;
    const { pageTimeoutMs } = this.options;
    this.timer = setTimeout(() => {
      this.fail(
        `The query took more than ${pageTimeoutMs} ms for a part of its rows and was ended. Ask for fewer rows, or use cheaper expressions.`,
      );
      void this.worker.terminate();
    }, pageTimeoutMs);
    const { id, rows } = job;
    const message: EvaluationJob = {
      kind: 'evaluate',
      id,
      rows,
      request: this.known.has(id) ? undefined : job.request,
    };
    this.known.add(id);
    this.worker.postMessage(message);
  }

  forget(id: number): void {
    if (!this.known.delete(id) || this.hasEnded) return;
    const message: Forget = { kind: 'forget', id };
    this.worker.postMessage(message);
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(reason: string): void {
    this.hasEnded = true;
    this.done((job) => job.reject(new KsqlError(reason)));
  }

  private done(answer: (job: Waiting) => void): void {
    clearTimeout(this.timer);
    const { job } = this;
    this.job = undefined;
    if (job !== undefined) answer(job);
    this.onFree();
  }
}

/** An error of the thread comes from another realm under some loaders, so it is known by its code. */
function describe(error: unknown, { heapMiBMax }: PullWorkersOptions): string {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `The query needed more than ${heapMiBMax} MiB for a part of its rows and was ended. Ask for fewer or smaller rows.`
    : `The query could not be evaluated: ${String(message ?? error)}`;
}
