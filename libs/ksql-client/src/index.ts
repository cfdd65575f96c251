export { KsqlClient } from './ksql-client.js';
export type { ExecuteOptions, KsqlClientOptions, PullResult, QueryOptions, StatementOptions } from './ksql-client.js';
export {
  KsqlError,
  KsqlProtocolError,
  KsqlServerError,
  KsqlTimeoutError,
  KsqlUnavailableError,
  placeInMessage,
} from './errors.js';
export type { SqlPlace } from './errors.js';
export type {
  CommandResult,
  KsqlEntity,
  KsqlSource,
  KsqlTopic,
  QueryDescription,
  RunningQuery,
  ServerHealth,
  ServerInfo,
  SourceDescription,
} from './entities.js';
export type { InsertValue } from './insert-statement.js';
export type { RowEvent } from './row-lines.js';
export type { KsqlRow, KsqlStruct, KsqlValue } from './rows.js';
export type { RunningPushQuery } from './running-query.js';
export type { Column, SqlType } from './sql-type.js';
