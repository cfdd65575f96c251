import type { LiveQuery } from '@isobar/ksql-engine';
import { queryStatus } from './queries.js';

type Task = NonNullable<LiveQuery['task']>['tasks'][number];

/** Records that a task has before it, by the ends that its newest fetches saw. */
export const lagOf = ({ inputs }: Task): number =>
  inputs.reduce((sum, { offset, endOffset }) => sum + Math.max(0, (endOffset ?? offset) - offset), 0);

/** What `GET /query-metrics` tells of a query. Counters begin with the process; those of a task when the query starts again. */
export function queryFigures(query: LiveQuery): Record<string, unknown> {
  const { task } = query;
  const { lastRecordTimeMs, ...counters } = task?.metrics ?? { lastRecordTimeMs: -1 };
  return {
    queryId: query.queryId,
    state: queryStatus(query),
    ...counters,
    lastRecordTimeMs: lastRecordTimeMs < 0 ? null : lastRecordTimeMs,
    lag: (task?.tasks ?? []).reduce((sum, each) => sum + lagOf(each), 0),
    stateBytes: task?.storedBytes ?? null,
    restore: task?.restore === undefined ? null : { done: task.restore.done, total: task.restore.total },
    tasks: (task?.tasks ?? []).map((each) => ({
      taskId: each.taskId,
      recordsIn: each.recordsIn,
      bytesIn: each.bytesIn,
      lag: lagOf(each),
      streamTimeMs: each.streamTimeMs < 0 ? null : each.streamTimeMs,
      stateRows: each.stateRows,
      inputs: each.inputs.map(({ topic, partition, offset, endOffset }) => {
        return { topic, partition, offset, endOffset: endOffset ?? null };
      }),
    })),
  };
}
