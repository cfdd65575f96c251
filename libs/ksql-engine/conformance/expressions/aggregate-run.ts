import { must } from '../../src/errors/assert.js';
import { createSerde } from '../../src/serde/formats.js';
import { KsqlTestDriver } from '../../src/testing/topology-driver.js';
import { jsonText } from '../../src/types/json-text.js';
import type { SqlType } from '../../src/types/sql-type.js';
import type { ExpressionFile } from './expression-case.js';

export interface GroupValues {
  readonly type: SqlType;
  /** JSON text by group key. */
  readonly values: ReadonlyMap<string, string>;
}

/** Runs the file's CREATE TABLE with one aggregate over all records and reads the table. @throws KsqlError for a refusal */
export function runAggregate(file: ExpressionFile, sql: string): GroupValues {
  const driver = new KsqlTestDriver();
  for (const { sql: statement } of file.setup) if (statement !== undefined) driver.execute(statement);
  driver.execute(file.statement.replace('<sql>', () => sql));
  driver.runInputs(
    file.setup
      .flatMap(({ record }) => (record === undefined ? [] : [record]))
      .map(({ topic, key, value, timestamp }) => ({
        topic,
        key: bytes(key),
        value: bytes(value),
        timestamp,
        headers: [],
      })),
  );
  const { schema, topic } = must(
    driver.sources.find(({ name }) => name === 'T'),
    'table under test',
  );
  const index = schema.value.findIndex(({ name }) => name === 'R');
  const { type } = must(schema.value[index], 'column under test');
  const serde = createSerde({ columns: schema.value, isKey: false, info: topic.valueFormat });
  const values = new Map<string, string>();
  for (const record of driver.topicRecords(topic.topic)) {
    const key = Buffer.from(record.key ?? []).toString();
    const row = serde.deserialize(record.value);
    if (row === null) values.delete(key);
    else values.set(key, jsonText(row[index] ?? null, type));
  }
  return { type, values };
}

const bytes = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text));
