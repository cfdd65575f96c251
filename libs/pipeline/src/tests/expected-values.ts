import { formatType, printStatement, type DataSource, type ParsedStatement } from '@isobar/ksql-engine';
import { KsqlTestDriver, type PlainValue } from '@isobar/ksql-engine/testing';

type Assertion = Extract<ParsedStatement['statement'], { readonly kind: 'assertValues' | 'assertTombstone' }>;

const pseudoColumns = ['ROWTIME', 'WINDOWSTART', 'WINDOWEND'];

/**
 * What an assertion expects, by column. Its values are read as INSERT INTO would write them, so that `1` in a DOUBLE column is 1.0.
 *
 * @throws KsqlError when a column is not there, or a value is not of its type
 */
export function expectedValues(assertion: Assertion, target: DataSource): ReadonlyMap<string, PlainValue> {
  const { key, value } = target.schema;
  const all = [...key, ...value];
  const names =
    assertion.columns.length > 0
      ? assertion.columns
      : (assertion.kind === 'assertValues' ? all : key).map(({ name }) => name);
  const columns = names.map((name, index) => {
    const type = pseudoColumns.includes(name) ? 'BIGINT' : typeOf(all, name, target.name);
    return `C${index} ${type}`;
  });
  const driver = new KsqlTestDriver();
  driver.execute(`CREATE STREAM EXPECTED (${columns.join(', ')}) WITH (KAFKA_TOPIC='expected', VALUE_FORMAT='JSON');`);
  const insert = {
    kind: 'insertValues',
    target: 'EXPECTED',
    columns: names.map((_, index) => `C${index}`),
    values: assertion.values,
  } as const;
  driver.execute(`${printStatement(insert)};`.replace(/;;$/, ';'));
  const row = driver.read('expected')[0]?.value as Readonly<Record<string, PlainValue>>;
  return new Map(names.map((name, index) => [name, row[`C${index}`] ?? null]));
}

function typeOf(columns: DataSource['schema']['key'], name: string, source: string): string {
  const column = columns.find((each) => each.name === name);
  if (column !== undefined) return formatType(column.type);
  throw new Error(`${source} has no column ${name}; it has ${columns.map((each) => each.name).join(', ')}`);
}
