/**
 * The engine without a world: no file, thread, socket or Kafka client below here, so that it runs wherever JavaScript does.
 * `/kafka` reads and writes a cluster, `/node` has what asks for Node's modules, `/testing` runs SQL in memory.
 */
export { HttpSchemaRegistry, type RegistryCredentials } from './adapters/schema-registry/http-schema-registry.js';
export type { Column } from './catalog/schema.js';
export type { DataSource } from './catalog/data-source.js';
export { LaterLogError } from './command/commands.js';
export type { CommandFailure } from './command/fold.js';
export { DraftCatalog, type DraftColumn, type DraftObject, type DraftTopic } from './engine/draft-catalog.js';
export type { EngineOptions } from './engine/engine-options.js';
export { KsqlEngine, type TopicPattern } from './engine/ksql-engine.js';
export type { RequestSession } from './engine/session.js';
export type { Executed } from './engine/statement-execution.js';
export type { LiveQuery } from './engine/live-query.js';
export { insertRow, parseJsonExactly, NumberText, type JsonValue } from './engine/insert-row.js';
export { openPull } from './engine/open-pull.js';
export { openPush } from './engine/open-push.js';
export type { PlannedStatement } from './engine/planned-statement.js';
export { KsqlError, KsqlStatementError, ParseFailedError } from './errors/sql-error.js';
export { TenureOverError } from './lease/tenure.js';
export { KsqlRequestError, NotLeaderError, RegistryRequiredError, UnsupportedSinkError } from './errors/user-errors.js';
export { STEPS_MAX_PROPERTY } from './expression/evaluation-budget.js';
export { formatParameterType } from './functions/format-parameter.js';
export type { Leadership } from './lease/ownership.js';
export type { Server as LeaseServer } from './lease/lease-topic.js';
export type { SqlFunction } from './functions/function.js';
export { JavaRegex } from './functions/regex/java-regex.js';
export { createFunctionRegistry } from './functions/registry.js';
export { explainPlan } from './plan/explain.js';
export type { TopicDescription, WriteRecord } from './ports/broker.js';
export type { DeadLetter, ProcessingLogEntry } from './ports/ports.js';
export { SchemaNotFoundError, SchemaRegistryError, type SchemaRegistry } from './ports/schema-registry.js';
export { CORRUPT_BATCHES_PROPERTY } from './runtime/corrupt-batches.js';
export { EVENT_AHEAD_MAX_PROPERTY } from './topology/event-time-bound.js';
export type { TransientQuery } from './runtime/transient-query.js';
export { registeredId, registeredText, type RegisteredText } from './serde/registered-text.js';
export { protobufRows, type ProtobufRows } from './serde/protobuf-rows.js';
export type { ParsedStatement, PrintTopic, Relation, Statement } from './syntax/ast/statement.js';
export { parseStatements } from './syntax/parse.js';
export { printMasked } from './syntax/print/masked.js';
export { printStatement } from './syntax/print/statement.js';
export { formatType } from './types/format-type.js';
export { jsonText } from './types/json-text.js';
export type { SqlType } from './types/sql-type.js';
export type { SqlValue } from './types/sql-value.js';
