import {
  CORRUPT_BATCHES_PROPERTY,
  EVENT_AHEAD_MAX_PROPERTY,
  KsqlStatementError,
  STEPS_MAX_PROPERTY,
} from '@isobar/ksql-engine';
import { ApiError, BAD_REQUEST } from '../http/responses.js';
import { SERVER_PROPERTIES } from './server-properties.js';

const STREAMS_PREFIX = 'ksql.streams.';

/** Server settings that a request may never override. */
const DENIED = new Set([
  'ksql.service.id',
  'ksql.extension.dir',
  'ksql.persistent.prefix',
  'ksql.transient.prefix',
  'ksql.output.topic.name.prefix',
  'application.id',
  'bootstrap.servers',
  'num.stream.threads',
  'state.dir',
  // What one record may cost, and how far ahead its time may lie: limits of the server that keep clients from each other.
  STEPS_MAX_PROPERTY,
  EVENT_AHEAD_MAX_PROPERTY,
  // What may be lost.
  CORRUPT_BATCHES_PROPERTY,
]);

type Rule = 'integer' | 'boolean' | 'text' | readonly string[];

/** Settings of Kafka Streams, its consumers and producers that clients send; each may bear a prefix. */
const STREAMS_RULES: Readonly<Record<string, Rule>> = {
  'acceptable.recovery.lag': 'integer',
  acks: 'text',
  'auto.offset.reset': ['latest', 'earliest', 'none'],
  'batch.size': 'integer',
  'buffer.memory': 'integer',
  'buffered.records.per.partition': 'integer',
  'cache.max.bytes.buffering': 'integer',
  'client.id': 'text',
  'commit.interval.ms': 'integer',
  'compression.type': 'text',
  'default.deserialization.exception.handler': 'text',
  'default.production.exception.handler': 'text',
  'default.timestamp.extractor': 'text',
  'delivery.timeout.ms': 'integer',
  'enable.idempotence': 'boolean',
  'fetch.max.bytes': 'integer',
  'fetch.max.wait.ms': 'integer',
  'fetch.min.bytes': 'integer',
  'group.id': 'text',
  'heartbeat.interval.ms': 'integer',
  'input.buffer.max.bytes': 'integer',
  'isolation.level': ['read_committed', 'read_uncommitted'],
  'linger.ms': 'integer',
  'max.block.ms': 'integer',
  'max.partition.fetch.bytes': 'integer',
  'max.poll.interval.ms': 'integer',
  'max.poll.records': 'integer',
  'max.request.size': 'integer',
  'max.task.idle.ms': 'integer',
  'max.warmup.replicas': 'integer',
  'metadata.max.age.ms': 'integer',
  'num.standby.replicas': 'integer',
  'num.stream.threads': 'integer',
  'poll.ms': 'integer',
  'probing.rebalance.interval.ms': 'integer',
  'processing.guarantee': ['at_least_once', 'exactly_once', 'exactly_once_beta', 'exactly_once_v2'],
  'receive.buffer.bytes': 'integer',
  'replication.factor': 'integer',
  'request.timeout.ms': 'integer',
  retries: 'integer',
  'retry.backoff.ms': 'integer',
  'send.buffer.bytes': 'integer',
  'session.timeout.ms': 'integer',
  'state.cleanup.delay.ms': 'integer',
  'state.dir': 'text',
  'statestore.cache.max.bytes': 'integer',
  'task.timeout.ms': 'integer',
  'topology.optimization': 'text',
  'transaction.timeout.ms': 'integer',
  'windowstore.changelog.additional.retention.ms': 'integer',
};
const CLIENT_PREFIX = /^(main\.consumer|restore\.consumer|global\.consumer|admin|consumer|producer|topic)\./;
const KSQL_NAMES = new Set(SERVER_PROPERTIES.map((property) => property.name));

const plainName = (name: string): string =>
  (name.startsWith(STREAMS_PREFIX) ? name.slice(STREAMS_PREFIX.length) : name).replace(CLIENT_PREFIX, '');

export const isDenied = (name: string): boolean =>
  DENIED.has(name) || (name.startsWith(STREAMS_PREFIX) && DENIED.has(plainName(name)));

const isKnown = (name: string): boolean =>
  KSQL_NAMES.has(name) || name.startsWith('ksql.functions.') || Object.hasOwn(STREAMS_RULES, plainName(name));

/** What is wrong with a value, or undefined. */
function badValue(name: string, value: string): string | undefined {
  const plain = plainName(name);
  const rule = STREAMS_RULES[plain];
  const invalid = `Invalid value ${value} for configuration ${plain}:`;
  if (rule === undefined || rule === 'text') return undefined;
  if (rule === 'integer') return /^-?\d+$/.test(value) ? undefined : `${invalid} Not a number of type LONG`;
  if (rule === 'boolean')
    return /^(true|false)$/i.test(value) ? undefined : `${invalid} Expected value to be either true or false`;
  return rule.includes(value) ? undefined : `${invalid} String must be one of: ${rule.join(', ')}`;
}

export function deniedMessage(names: readonly string[]): string {
  return `One or more properties overrides set locally are prohibited by the KSQL server (use UNSET to reset their default value): [${names.join(', ')}]`;
}

/**
 * Checks the properties that came with a request.
 * @throws ApiError 400 for a name that may not be overridden, one that does not exist (unless `ignoresUnknown`), a value that does
 * not fit
 */
export function requireOverrides(properties: ReadonlyMap<string, string>, ignoresUnknown: boolean): void {
  const denied = [...properties.keys()].filter(isDenied);
  if (denied.length > 0) throw new ApiError(BAD_REQUEST, deniedMessage(denied));
  for (const [name, value] of properties) {
    if (!isKnown(name)) {
      if (ignoresUnknown) continue;
      throw new ApiError(BAD_REQUEST, `Not recognizable as ksql, streams, consumer, or producer property: '${name}'`);
    }
    const why = badValue(name, value);
    if (why !== undefined)
      throw new ApiError(BAD_REQUEST, `Failed to coerce type of value '${value}' for key '${name}'\nCaused by: ${why}`);
  }
}

/** Checks UNSET. @throws KsqlStatementError for a name that no property has */
export function requireUnsettable(name: string, statementText: string): void {
  if (!isKnown(name)) throw new KsqlStatementError(`Unknown property: ${name}`, statementText);
}

/** Checks SET. @throws KsqlStatementError */
export function requireSettable(name: string, value: string, statementText: string): void {
  requireUnsettable(name, statementText);
  const why = badValue(name, value);
  if (why !== undefined) throw new KsqlStatementError(why, statementText);
}
