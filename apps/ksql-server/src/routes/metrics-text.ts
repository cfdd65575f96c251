import { monitorEventLoopDelay } from 'node:perf_hooks';
import { failedQueries } from '../health/server-health.js';
import { lagOf } from '../entities/query-figures.js';
import { queryStatus } from '../entities/queries.js';
import { turnedAwayText } from '../http/turned-away.js';
import type { ServerContext } from '../server-context.js';

const DELAY_RESOLUTION_MS = 10;
const delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });
delay.enable();

/** Prometheus text: counters of the queries, of clients, and of the process. */
export function metricsText(context: ServerContext): string {
  const queries = [...(context.engine?.queries.values() ?? [])];
  const lines: string[] = [];
  const family = (
    name: string,
    type: 'counter' | 'gauge',
    help: string,
    value: (query: (typeof queries)[number]) => number | undefined,
  ) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const query of queries) {
      const number = value(query);
      if (number !== undefined) lines.push(`${name}{query="${query.queryId}"} ${number}`);
    }
  };
  lines.push(
    '# HELP ksql_server_leader Whether this server leads those of its service id: runs the queries and takes commands.',
    '# TYPE ksql_server_leader gauge',
    `ksql_server_leader ${context.engine?.isOwner === true ? 1 : 0}`,
  );
  family('ksql_query_records_consumed_total', 'counter', 'Records read by a query.', (q) => q.task?.metrics.recordsIn);
  family(
    'ksql_query_records_produced_total',
    'counter',
    'Records written by a query, changelogs included.',
    (q) => q.task?.metrics.recordsOut,
  );
  family(
    'ksql_query_records_failed_total',
    'counter',
    'Records or expressions that could not be handled.',
    (q) => q.task?.metrics.recordsFailed,
  );
  family(
    'ksql_query_records_too_far_ahead_total',
    'counter',
    'Records set aside because their event time is too far ahead of the clock.',
    (q) => q.task?.metrics.recordsTooFarAhead,
  );
  family(
    'ksql_query_records_refused_total',
    'counter',
    'Records of a query that the broker did not take.',
    (q) => q.task?.metrics.recordsRefused,
  );
  family(
    'ksql_query_records_lost_total',
    'counter',
    'Records of the sources of a query that were deleted before it read them, or could not be read and were skipped.',
    (q) => q.task?.metrics.recordsLost,
  );
  family(
    'ksql_query_transaction_wait_seconds',
    'gauge',
    'How long a query has waited behind an open transaction of another producer.',
    (q) => (q.task?.transactionWait?.waitedMs ?? 0) / 1_000,
  );
  family(
    'ksql_query_bytes_consumed_total',
    'counter',
    'Keys and values of the records read by a query, bytes.',
    (q) => q.task?.metrics.bytesIn,
  );
  family(
    'ksql_query_bytes_produced_total',
    'counter',
    'Keys and values of the records written by a query, changelogs and checkpoints included, bytes.',
    (q) => q.task?.metrics.bytesOut,
  );
  family(
    'ksql_query_commit_seconds_total',
    'counter',
    'How long the transactions of a query took, all together.',
    (q) => (q.task?.metrics.commitMs ?? 0) / 1_000,
  );
  type Task = NonNullable<(typeof queries)[number]['task']>['tasks'][number];
  const taskFamily = (name: string, type: 'counter' | 'gauge', help: string, value: (task: Task) => number) => {
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const { queryId, task } of queries)
      for (const each of task?.tasks ?? [])
        lines.push(`${name}{query="${queryId}",task="${each.taskId}"} ${value(each)}`);
  };
  taskFamily('ksql_task_records_consumed_total', 'counter', 'Records read by a task since its query started.', (t) => {
    return t.recordsIn;
  });
  taskFamily('ksql_task_lag_records', 'gauge', 'Records before a task, as the newest fetch saw the ends.', lagOf);
  taskFamily(
    'ksql_task_stream_time_seconds',
    'gauge',
    'Greatest time of a record of a task; -1 before the first.',
    (t) => {
      return t.streamTimeMs < 0 ? -1 : t.streamTimeMs / 1_000;
    },
  );
  taskFamily('ksql_task_state_rows', 'gauge', 'Rows of state of a task.', (t) => t.stateRows);
  family('ksql_query_commits_total', 'counter', 'Transactions of a query.', (q) => q.task?.metrics.commits);
  family(
    'ksql_query_restarts_total',
    'counter',
    'Restarts of a query after a failure.',
    (q) => q.task?.metrics.restarts,
  );
  family(
    'ksql_query_state_bytes',
    'gauge',
    'What the state of a query takes on disk, where it has one there.',
    (q) => q.task?.storedBytes,
  );
  family(
    'ksql_query_restore_records',
    'gauge',
    'Records of changelogs that the newest start of a query has to read, marks of transactions among them.',
    (q) => q.task?.restore?.total,
  );
  family('ksql_query_restored_records', 'gauge', 'Those of them that it has read.', (q) => q.task?.restore?.done);
  family('ksql_query_running', 'gauge', '1 while a query runs.', (q) => (queryStatus(q) === 'RUNNING' ? 1 : 0));
  const reasons = new Map(failedQueries(context).map(({ queryId, reason }) => [queryId, reason]));
  lines.push('# HELP ksql_query_state The state of a query, and why it does not run.', '# TYPE ksql_query_state gauge');
  for (const query of queries) {
    const reason = labelText(reasons.get(query.queryId) ?? '');
    lines.push(`ksql_query_state{query="${query.queryId}",state="${queryStatus(query)}",reason="${reason}"} 1`);
  }
  lines.push(...turnedAwayText(context.turnedAway));
  const lagSeconds = Math.max(0, delay.percentile(99) / 1e9 - DELAY_RESOLUTION_MS / 1_000);
  delay.reset();
  lines.push(
    '# HELP nodejs_eventloop_lag_p99_seconds How late the thread of requests was for a timer, 99th percentile since the last look.',
    '# TYPE nodejs_eventloop_lag_p99_seconds gauge',
    `nodejs_eventloop_lag_p99_seconds ${Number.isFinite(lagSeconds) ? lagSeconds.toFixed(4) : 0}`,
  );
  const { user, system } = process.cpuUsage();
  lines.push(
    '# HELP process_cpu_seconds_total User and system time of this process.',
    '# TYPE process_cpu_seconds_total counter',
    `process_cpu_seconds_total ${(user + system) / 1e6}`,
  );
  lines.push(
    '# HELP process_resident_memory_bytes Resident memory of this process.',
    '# TYPE process_resident_memory_bytes gauge',
  );
  lines.push(`process_resident_memory_bytes ${process.memoryUsage.rss()}`, '');
  return lines.join('\n');
}

const LABEL_CHARS_MAX = 200;

/** As Prometheus' text format wants a label's value. */
const labelText = (text: string): string =>
  text.slice(0, LABEL_CHARS_MAX).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
