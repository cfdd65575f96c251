import { createFunctionRegistry } from '@isobar/ksql-engine';
import { openWorker, QueryThreads } from '@isobar/ksql-engine/node';
import { ConfigError } from '@isobar/service-kit/plain';
import { getHeapStatistics } from 'node:v8';
import type { QueryThreadData } from './query-thread.js';

const THREADS = 'ksql.streams.num.stream.threads';
const THREADS_DEFAULT = 0;
const THREADS_MAX = 64;

type QueryThreadsOptions = ConstructorParameters<typeof QueryThreads>[0];

/** The program of a thread, compiled; from the sources it is found beside them. */
const program = new URL(
  import.meta.url
    .replace(/\/src\/[^/]*$/, '/dist/query-thread.js')
    .replace(/\/open-query-threads\.js$/, '/query-thread.js'),
);

export interface ServerThreads extends Omit<QueryThreadsOptions, 'functions' | 'openThread'> {
  /** What every thread is told; each has a prefix of its own. */
  readonly data: Omit<QueryThreadData, 'transactionalIdPrefix'>;
  /** MiB; 0: what the process may use. */
  readonly heapMiBMax: number;
}

/** The threads that run the queries of this server. */
export function openQueryThreads({ data, ...options }: ServerThreads): QueryThreads {
  const heapMiBMax = options.heapMiBMax || Math.floor(getHeapStatistics().heap_size_limit / 2 ** 20);
  return new QueryThreads({
    ...options,
    functions: createFunctionRegistry(),
    openThread: (transactionalIdPrefix) =>
      openWorker({ program, heapMiBMax, data: { ...data, transactionalIdPrefix } satisfies QueryThreadData }),
  });
}

/** @throws ConfigError for what is no number of threads */
export function queryThreadsOf(properties: Readonly<Record<string, string>>): number {
  const text = properties[THREADS] ?? String(THREADS_DEFAULT);
  const threads = Number(text);
  if (/^\d+$/.test(text) && threads <= THREADS_MAX) return threads;
  const problem = `${text} is no whole number from 0 (queries run where requests are answered) to ${THREADS_MAX}`;
  throw new ConfigError('ksql-server', [
    { variable: 'KSQL_KSQL_STREAMS_NUM_STREAM_THREADS', what: 'threads that run queries', problem },
  ]);
}
