import type { KsqlClient } from '@isobar/ksql-client';

/** What the server knows by name now. */
export interface LiveNames {
  readonly streams: readonly string[];
  readonly tables: readonly string[];
  /** Columns by the name of their source. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  readonly functions: readonly string[];
  readonly queries: readonly string[];
}

export const NO_NAMES: LiveNames = { streams: [], tables: [], columns: new Map(), functions: [], queries: [] };

type Fields = Readonly<Record<string, unknown>>;
const list = (entity: Fields, name: string): readonly Fields[] => {
  const value = entity[name];
  return Array.isArray(value) ? (value as readonly Fields[]) : [];
};

/** Asks the server for its names; whatever it does not answer is left out. */
export async function readNames(client: KsqlClient): Promise<LiveNames> {
  const ask = (sql: string): Promise<readonly Fields[]> => client.execute(sql, { timeoutMs: 5000 }).catch(() => []);
  const [streams, tables, functions, queries] = await Promise.all([
    ask('DESCRIBE STREAMS;'),
    ask('DESCRIBE TABLES;'),
    ask('LIST FUNCTIONS;'),
    ask('LIST QUERIES;'),
  ]);
  const described = [...streams, ...tables].flatMap((entity) => list(entity, 'sourceDescriptions'));
  const namesOf = (type: string): string[] => described.filter((each) => each['type'] === type).map(nameOf);
  return {
    streams: namesOf('STREAM'),
    tables: namesOf('TABLE'),
    columns: new Map(described.map((source) => [nameOf(source), list(source, 'fields').map(nameOf)])),
    functions: functions.flatMap((entity) => list(entity, 'functions')).map(nameOf),
    queries: queries.flatMap((entity) => list(entity, 'queries')).map(({ id }) => String(id)),
  };
}

const nameOf = ({ name }: Fields): string => String(name);
