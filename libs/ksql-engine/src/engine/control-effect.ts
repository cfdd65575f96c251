import type { Effect } from '../command/command.js';
import type { ControlQuery } from '../syntax/ast/statement.js';

const CONTROL_MESSAGES = {
  TERMINATE: 'Query terminated.',
  PAUSE: 'Query paused.',
  RESUME: 'Query resumed.',
} as const;

/** The command id of TERMINATE CLUSTER. */
export const TERMINATE_CLUSTER = 'terminate/CLUSTER/execute';
export const CLUSTER_TERMINATED: Effect = { kind: 'end', message: 'Cluster terminated.' };

/** TERMINATE, PAUSE and RESUME of the queries that were meant when it was said. */
export const controlEffect = ({ action }: ControlQuery, queryIds: readonly string[]): Effect => ({
  kind: 'control',
  action,
  queryIds,
  message: CONTROL_MESSAGES[action],
});
