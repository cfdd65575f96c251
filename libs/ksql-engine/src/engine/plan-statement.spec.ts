import { describe, expect, it } from '@jest/globals';
import { EMPTY_CATALOG } from '../catalog/catalog.js';
import { formatSchema } from '../catalog/format-schema.js';
import { KsqlError, KsqlStatementError, ParseFailedError } from '../errors/sql-error.js';
import { KsqlRequestError, RegistryRequiredError, UnsupportedSinkError } from '../errors/user-errors.js';
import { createFunctionRegistry } from '../functions/registry.js';
import { explainPlan } from '../plan/explain.js';
import { parseStatements } from '../syntax/parse.js';
import { applyPlanned, type PlanningState } from './apply-planned.js';
import { planStatement } from './plan-statement.js';
import type { PlannedStatement } from './planned-statement.js';

const functions = createFunctionRegistry();

/** A server without a broker: statements are planned and their effects kept. */
class Planner {
  state: PlanningState = { catalog: EMPTY_CATALOG, queries: [] };
  readonly topics = new Map<
    string,
    { readonly partitions: number; readonly replicas: number; readonly retentionMs?: number }
  >();
  private statements = 0;

  run(sql: string, properties: Readonly<Record<string, string>> = {}): PlannedStatement {
    const plans = parseStatements(sql).map((statement) => {
      const planned = planStatement(statement, {
        catalog: this.state.catalog,
        topics: { describe: (topic) => this.topics.get(topic) },
        property: (name) => properties[name],
        nextQueryNumber: this.statements++,
        nowMs: 7,
        queries: this.state.queries,
        functions,
      });
      this.apply(planned);
      return planned;
    });
    return plans.at(-1) as PlannedStatement;
  }

  /** The error of a statement that must be refused. */
  refusal(sql: string, properties: Readonly<Record<string, string>> = {}): KsqlError {
    try {
      this.run(sql, properties);
    } catch (error) {
      if (error instanceof KsqlError) return error;
      throw error;
    }
    throw new Error(`was accepted: ${sql}`);
  }

  schemaOf(name: string): string {
    const source = this.state.catalog.sources.get(name);
    return source === undefined ? `no ${name}` : formatSchema(source.schema);
  }

  private apply(planned: PlannedStatement): void {
    this.state = applyPlanned(this.state, planned);
    if (!('topicsToCreate' in planned)) return;
    for (const topic of planned.topicsToCreate) this.topics.set(topic.topic, topic);
  }
}

function withSources(): Planner {
  const planner = new Planner();
  planner.run(`
    CREATE STREAM s (id INT KEY, a STRING, b BIGINT, st STRUCT<x INT, y STRING>)
      WITH (KAFKA_TOPIC = 's', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
    CREATE STREAM r (id INT KEY, a STRING, c INT) WITH (KAFKA_TOPIC = 'r', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
    CREATE TABLE t (id INT PRIMARY KEY, name STRING, fk INT) WITH (KAFKA_TOPIC = 't', VALUE_FORMAT = 'JSON', PARTITIONS = 1);
    CREATE TABLE u (id INT PRIMARY KEY, label STRING) WITH (KAFKA_TOPIC = 'u', VALUE_FORMAT = 'JSON', PARTITIONS = 1);`);
  return planner;
}

describe('CREATE STREAM and CREATE TABLE', () => {
  it('fills in formats and the clean-up policy in the canonical text', () => {
    const planned = new Planner().run(
      "CREATE STREAM s (id INT KEY, v VARCHAR) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);",
    );
    expect(planned).toMatchObject({
      message: 'Stream created',
      canonicalText:
        "CREATE STREAM S (ID INTEGER KEY, V STRING) WITH (CLEANUP_POLICY='delete', KAFKA_TOPIC='s', KEY_FORMAT='KAFKA', PARTITIONS=2, VALUE_FORMAT='JSON');",
      topicsToCreate: [{ topic: 's', partitions: 2, replicas: 1, config: { 'cleanup.policy': 'delete' } }],
    });
  });

  it.each([
    ["VALUE_FORMAT='json'", "KEY_FORMAT='KAFKA'", "VALUE_FORMAT='JSON'"],
    ["KEY_FORMAT='json', VALUE_FORMAT='json'", "KEY_FORMAT='json'", "VALUE_FORMAT='json'"],
    ["FORMAT='json'", "FORMAT='json'", "KAFKA_TOPIC='s'"],
  ])('formats of %s are written as %s and %s', (formats, ...texts) => {
    const planned = new Planner().run(
      `CREATE STREAM s (id INT KEY, v INT) WITH (KAFKA_TOPIC='s', PARTITIONS=1, ${formats});`,
    );
    for (const text of texts) expect(planned).toMatchObject({ canonicalText: expect.stringContaining(text) });
  });

  it.each([
    [
      "CREATE STREAM x (id INT PRIMARY KEY) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
      "Line: 1, Col: 18: Column `ID` is a 'PRIMARY KEY' column: please use 'KEY' for streams.",
    ],
    [
      "CREATE TABLE x (id INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
      'Tables require a PRIMARY KEY. Please define the PRIMARY KEY.',
    ],
    [
      "CREATE STREAM x (rowtime BIGINT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
      "'ROWTIME' is a reserved column name.",
    ],
    ["CREATE STREAM x (a INT, a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');", 'Duplicate column names: `A`'],
    [
      "CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', FORMAT='JSON');",
      "Cannot supply both 'VALUE_FORMAT' and 'FORMAT' properties",
    ],
    ["CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='XML');", 'Unknown format: XML'],
    ["CREATE STREAM x (a INT) WITH (VALUE_FORMAT='JSON');", 'Missing required property "KAFKA_TOPIC"'],
    [
      "CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', BOGUS=1);",
      'Invalid config variable(s) in the WITH clause: BOGUS',
    ],
    [
      "CREATE STREAM x (k MAP<STRING, INT> KEY) WITH (KAFKA_TOPIC='s', FORMAT='JSON');",
      'Map keys, including types that contain maps',
    ],
    [
      "CREATE STREAM x (a INT, b INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', WRAP_SINGLE_VALUE=false);",
      "'WRAP_SINGLE_VALUE' is only valid for single-field value schemas",
    ],
    [
      "CREATE STREAM x (id INT KEY, c INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING');",
      "TUMBLING windows require 'WINDOW_SIZE'",
    ],
    [
      "CREATE STREAM x (a STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', TIMESTAMP='a');",
      'without also specifying the timestamp_format',
    ],
  ])('refuses %s', (sql, message) => {
    expect(withSources().refusal(sql).message).toContain(message);
  });

  it('names a registry format, and asks for the partitions of a topic that is not there', () => {
    const planner = withSources();
    expect(planner.refusal("CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='AVRO');")).toBeInstanceOf(
      RegistryRequiredError,
    );
    const missing = planner.refusal("CREATE STREAM x (a INT) WITH (KAFKA_TOPIC='absent', VALUE_FORMAT='JSON');");
    expect(missing).toBeInstanceOf(KsqlRequestError);
    expect(missing.message).toContain("PARTITIONS=2, VALUE_FORMAT='JSON'");
  });

  it('warns where IF NOT EXISTS meets an existing source, and replaces one only by a wider one', () => {
    const planner = withSources();
    expect(
      planner.run("CREATE STREAM IF NOT EXISTS s (x INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"),
    ).toMatchObject({
      isWarning: true,
      message: 'Cannot add stream `S`: A stream with the same name already exists.',
    });
    const wider =
      "CREATE OR REPLACE STREAM r (id INT KEY, a STRING, c INT, d INT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON');";
    expect(planner.run(wider)).toMatchObject({ action: 'create', isWarning: false });
    const other = "CREATE OR REPLACE STREAM r (id INT KEY, a BIGINT) WITH (KAFKA_TOPIC='r', VALUE_FORMAT='JSON');";
    expect(planner.refusal(other).message).toContain(
      'The following columns are changed, missing or reordered: [`A` STRING',
    );
  });

  it('materialises a source table', () => {
    const planner = withSources();
    expect(
      planner.run(
        "CREATE SOURCE TABLE q (id INT PRIMARY KEY, name STRING) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');",
      ),
    ).toMatchObject({
      query: { queryId: 'CST_Q_4', sink: { kind: 'materialized' } },
    });
    expect(planner.run('SELECT * FROM q WHERE id = 1;')).toMatchObject({ pull: { queryId: 'CST_Q_4', keys: [[1]] } });
    expect(planner.refusal("INSERT INTO q VALUES (1, 'x');").message).toBe(
      'Cannot insert values into read-only table: Q',
    );
  });
});

describe('the columns of a query', () => {
  it.each([
    ['SELECT * FROM s', '`ID` INTEGER KEY, `A` STRING, `B` BIGINT, `ST` STRUCT<`X` INTEGER, `Y` STRING>'],
    [
      'SELECT id AS k, a, b + 1, UCASE(a) FROM s',
      '`K` INTEGER KEY, `A` STRING, `KSQL_COL_0` BIGINT, `KSQL_COL_1` STRING',
    ],
    ['SELECT id, st->* FROM s', '`ID` INTEGER KEY, `X` INTEGER, `Y` STRING'],
    ['SELECT id, st->x, AS_VALUE(id) AS copy FROM s', '`ID` INTEGER KEY, `X` INTEGER, `COPY` INTEGER'],
    [
      'SELECT * FROM s PARTITION BY a',
      '`A` STRING KEY, `B` BIGINT, `ST` STRUCT<`X` INTEGER, `Y` STRING>, `ID` INTEGER',
    ],
    [
      'SELECT * FROM s PARTITION BY st->x',
      '`X` INTEGER KEY, `A` STRING, `B` BIGINT, `ST` STRUCT<`X` INTEGER, `Y` STRING>, `ID` INTEGER',
    ],
    ['SELECT a, b FROM s PARTITION BY NULL', '`A` STRING, `B` BIGINT'],
    [
      'SELECT * FROM s JOIN r WITHIN 1 HOUR ON s.id = r.id',
      '`S_ID` INTEGER KEY, `S_A` STRING, `S_B` BIGINT, `S_ST` STRUCT<`X` INTEGER, `Y` STRING>, `R_ID` INTEGER, `R_A` STRING, `R_C` INTEGER',
    ],
    ['SELECT r.id, s.a, c FROM s JOIN r WITHIN 1 HOUR ON s.id = r.id', '`R_ID` INTEGER KEY, `S_A` STRING, `C` INTEGER'],
    ['SELECT ROWKEY AS k, s.a FROM s FULL OUTER JOIN r WITHIN 1 HOUR ON s.id = r.id', '`K` INTEGER KEY, `S_A` STRING'],
    ['SELECT s.id, name FROM s LEFT JOIN t ON s.id = t.id', '`S_ID` INTEGER KEY, `NAME` STRING'],
  ])('%s', (query, schema) => {
    const planner = withSources();
    planner.run(`CREATE STREAM o AS ${query};`);
    expect(planner.schemaOf('O')).toBe(schema);
  });

  it.each([
    ['SELECT a, COUNT(*) AS n FROM s GROUP BY a', '`A` STRING KEY, `N` BIGINT'],
    ['SELECT b, a, SUM(b) FROM s GROUP BY a, b', '`A` STRING KEY, `B` BIGINT KEY, `KSQL_COL_0` BIGINT'],
    [
      'SELECT UCASE(a) AS k, LEN(UCASE(a)) AS l, COUNT(*) AS n FROM s GROUP BY UCASE(a)',
      '`K` STRING KEY, `L` INTEGER, `N` BIGINT',
    ],
    [
      'SELECT a, WINDOWSTART AS ws, WINDOWEND, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY a',
      '`A` STRING KEY, `WS` BIGINT, `N` BIGINT',
    ],
    ['SELECT t.id, name, label FROM t JOIN u ON t.fk = u.id', '`T_ID` INTEGER KEY, `NAME` STRING, `LABEL` STRING'],
    ['SELECT t.id, u.id, label FROM t JOIN u ON t.id = u.id', '`T_ID` INTEGER KEY, `U_ID` INTEGER, `LABEL` STRING'],
  ])('%s', (query, schema) => {
    const planner = withSources();
    planner.run(`CREATE TABLE o WITH (KEY_FORMAT = 'JSON') AS ${query};`);
    expect(planner.schemaOf('O')).toBe(schema);
  });

  it('lets aggregates read the key that grouping takes away', () => {
    const planner = withSources();
    const planned = planner.run('CREATE TABLE o AS SELECT a, LATEST_BY_OFFSET(id) AS id FROM s GROUP BY a;');
    expect(planned).toMatchObject({
      plan: {
        root: {
          input: {
            calls: [{ args: [{ kind: 'valueColumn', name: 'ID' }] }],
            input: { input: { id: 'Aggregate-Prepare' } },
          },
        },
      },
    });
  });

  it.each([
    ['STREAM', 'SELECT a FROM s', 'must include the key column ID in its projection (eg, SELECT ID...)'],
    [
      'STREAM',
      'SELECT id, id AS again, a FROM s',
      'The projection contains a key column (`ID`) more than once, aliased as: AGAIN and ID.',
    ],
    ['STREAM', 'SELECT id FROM s', 'The projection contains no value columns.'],
    ['STREAM', 'SELECT id, rowtime FROM s', 'Reserved column name in select: `ROWTIME`.'],
    ['STREAM', 'SELECT id, nope FROM s', "Line: 1, Col: 31: SELECT column 'NOPE' cannot be resolved."],
    ['STREAM', 'SELECT id, q.a FROM s', "'Q' is not a valid stream/table name or alias."],
    ['STREAM', 'SELECT id, a AS x, b AS x FROM s', 'Duplicate value columns found in schema: `X` BIGINT'],
    [
      'STREAM',
      'SELECT s.id, a FROM s JOIN r WITHIN 1 HOUR ON s.id = r.id',
      "Column 'A' is ambiguous. Could be S.A or R.A.",
    ],
    ['STREAM', 'SELECT s.id, c FROM s JOIN r ON s.id = r.id', 'Stream-Stream joins must have a WITHIN clause'],
    [
      'STREAM',
      'SELECT c FROM s JOIN r WITHIN 1 HOUR ON s.id = r.id',
      'must include the join expressions S.ID or R.ID in its projection',
    ],
    [
      'STREAM',
      'SELECT s.id, name FROM t JOIN s ON s.id = t.id',
      'Invalid join order: table-stream joins are not supported',
    ],
    ['STREAM', 'SELECT id, a FROM t', "SELECT column 'A' cannot be resolved"],
    [
      'STREAM',
      'SELECT * FROM t',
      'Your SELECT query produces a TABLE. Please use CREATE TABLE AS SELECT statement instead.',
    ],
    [
      'TABLE',
      'SELECT t.id, label FROM t JOIN u ON t.name = u.id',
      "Invalid join condition: types don't match. Got T.NAME{STRING} = U.ID{INTEGER}.",
    ],
    ['TABLE', 'SELECT name, label FROM t JOIN u ON t.fk = u.id', 'Primary key column missing in projection.'],
    [
      'TABLE',
      'SELECT name, MIN(id) FROM t GROUP BY name',
      'The aggregation function MIN cannot be applied to a table source',
    ],
    ['TABLE', 'SELECT a, b, COUNT(*) FROM s GROUP BY a', 'Non-aggregate SELECT expression(s) not part of GROUP BY: B'],
    ['TABLE', 'SELECT a FROM s GROUP BY a', 'GROUP BY requires aggregate functions'],
    [
      'TABLE',
      'SELECT a, COUNT(*) FROM s GROUP BY a EMIT FINAL',
      'EMIT FINAL is only supported for windowed aggregations.',
    ],
  ])('CREATE %s AS %s is refused', (kind, query, message) => {
    expect(withSources().refusal(`CREATE ${kind} o AS ${query};`).message).toContain(message);
  });

  it('writes the canonical text with names spelled out', () => {
    const planned = withSources().run('CREATE STREAM o AS SELECT id, ucase(a) FROM s WHERE b > 1;');
    expect(planned).toMatchObject({
      canonicalText:
        "CREATE STREAM O WITH (CLEANUP_POLICY='delete', KAFKA_TOPIC='O', PARTITIONS=1, REPLICAS=1, RETENTION_MS=604800000) AS SELECT\n  S.ID ID,\n  UCASE(S.A) KSQL_COL_0\nFROM S S\nWHERE (S.B > 1)\nEMIT CHANGES;",
    });
  });

  it('refuses what the sink cannot carry, as a request error to clients', () => {
    const refusal = withSources().refusal('CREATE TABLE o AS SELECT a, b, COUNT(*) AS n FROM s GROUP BY a, b;');
    expect(refusal).toBeInstanceOf(UnsupportedSinkError);
    expect(refusal.errorCode).toBe(40000);
  });
});

describe('replacing and dropping', () => {
  it('keeps the query id of a replaced query, and refuses what would lose its state', () => {
    const planner = withSources();
    planner.run('CREATE STREAM f AS SELECT id, a FROM s WHERE b > 1;');
    expect(planner.run('CREATE OR REPLACE STREAM f AS SELECT id, a, b FROM s;')).toMatchObject({
      plan: { queryId: 'CSAS_F_4' },
      replacesQueryId: 'CSAS_F_4',
    });
    planner.run('CREATE TABLE g AS SELECT a, COUNT(*) AS n FROM s GROUP BY a;');
    expect(
      planner.run("CREATE OR REPLACE TABLE g AS SELECT a, COUNT(*) AS n FROM s WHERE a <> 'x' GROUP BY a;"),
    ).toMatchObject({
      replacesQueryId: 'CTAS_G_6',
    });
    const more = 'CREATE OR REPLACE TABLE g AS SELECT a, COUNT(*) AS n, SUM(b) AS sb FROM s GROUP BY a;';
    expect(planner.refusal(more).message).toBe(
      'Query is not upgradeable. Plan step of type StreamAggregate must have matching columns not part of aggregate. Values differ: [`A`, `ROWTIME`] vs. [`A`, `ROWTIME`, `B`]',
    );
  });

  it('drops a sink with its query, but nothing that is read or written', () => {
    const planner = withSources();
    planner.run('CREATE STREAM f AS SELECT * FROM s; INSERT INTO f SELECT * FROM s;');
    expect(planner.refusal('DROP STREAM f;').message).toContain(
      'The following queries write into this source: [INSERTQUERY_5].',
    );
    const { catalog, queries } = planner.state;
    planner.state = { catalog, queries: queries.filter(({ kind }) => kind !== 'INSERT') };
    expect(planner.refusal('DROP STREAM s;').message).toContain(
      'The following streams and/or tables read from this source: [F].',
    );
    expect(planner.run('DROP STREAM f DELETE TOPIC;')).toMatchObject({
      canonicalText: 'DROP STREAM F;',
      terminatedQueryIds: ['CSAS_F_4'],
      topicsToDelete: ['F'],
      message: 'Source `F` (topic: F) was dropped.',
    });
  });
});

describe('INSERT', () => {
  it('writes one record with the values converted to the columns', () => {
    const planned = withSources().run("INSERT INTO s (id, b, st, rowtime) VALUES (1, 2 + 3, STRUCT(y := 'z'), 99);");
    if (planned.kind !== 'insertValues') throw new Error('not an insert');
    expect(planned.record.timestamp).toBe(99);
    expect(Buffer.from(planned.record.key ?? []).toString('hex')).toBe('00000001');
    expect(Buffer.from(planned.record.value ?? []).toString()).toBe('{"A":null,"B":5,"ST":{"X":null,"Y":"z"}}');
  });

  it.each([
    ["INSERT INTO s (id, a) VALUES ('one', 'x');", 'Expected type INTEGER for field `ID` but got STRING(one)'],
    ['INSERT INTO s (id, nope) VALUES (1, 2);', 'Column name `NOPE` does not exist.'],
    ['INSERT INTO s (id, a) VALUES (1);', 'Expected number columns and values to match: 2, 1'],
    ['INSERT INTO s (id, a) VALUES (1, b);', 'Unsupported column reference in insert value: B'],
    ["INSERT INTO t (name) VALUES ('x');", 'Value for primary key column(s) ID is required for tables'],
    ['INSERT INTO nope VALUES (1);', 'Cannot insert values into an unknown stream/table: `NOPE`'],
    ['INSERT INTO r SELECT id, a FROM s;', 'Incompatible schema between results and sink.'],
    ['INSERT INTO t SELECT * FROM t;', 'INSERT INTO can only be used to insert into a stream. T is a table.'],
    ['INSERT INTO nope SELECT * FROM s;', 'Line: 1, Col: 13: Source `NOPE` does not exist.'],
  ])('refuses %s', (sql, message) => {
    expect(withSources().refusal(sql).message).toContain(message);
  });
});

describe('pull queries', () => {
  const planner = withSources();
  planner.run('CREATE TABLE n AS SELECT a, COUNT(*) AS n FROM s GROUP BY a;');

  it.each([
    ["SELECT * FROM n WHERE a = 'x';", [['x']]],
    ["SELECT * FROM n WHERE a IN ('x', 'y') AND n > 1;", [['x'], ['y']]],
    ["SELECT * FROM n WHERE a = 'x' OR a = UCASE('y');", [['x'], ['Y']]],
    ["SELECT * FROM n WHERE a = 'x' OR n = 1;", undefined],
    ["SELECT * FROM n WHERE a > 'x';", undefined],
    ['SELECT * FROM n;', undefined],
  ])('%s looks up %j', (sql, keys) => {
    expect(planner.run(sql)).toMatchObject({ kind: 'pullQuery', pull: { queryId: 'CTAS_N_4', keys } });
  });

  describe('over a table', () => {
    const kept = withSources();
    kept.run('CREATE TABLE n AS SELECT a, COUNT(*) AS n FROM s GROUP BY a;');
    kept.run('CREATE TABLE w AS SELECT a, COUNT(*) AS n FROM s WINDOW TUMBLING (SIZE 1 SECOND) GROUP BY a;');
    for (const [name, type] of Object.entries({ i: 'INT', l: 'BIGINT', d: 'DOUBLE', p: 'DECIMAL(4, 2)' })) {
      kept.run(
        `CREATE SOURCE TABLE k${name} (id ${type} PRIMARY KEY, f BOOLEAN, v STRING) WITH (KAFKA_TOPIC='k${name}', FORMAT='JSON', PARTITIONS=1);`,
      );
    }

    it.each([
      "n WHERE a LIKE 'x%' AND n > 1",
      "w WHERE a LIKE 'x%'",
      "w WHERE a LIKE 'x%' OR n = 1",
      "w WHERE a = 'x' AND WINDOWSTART >= 10 AND WINDOWEND BETWEEN 1 AND 20",
      'w WHERE n <> 1',
      "n WHERE LEN(a) = 1 AND a BETWEEN 'a' AND 'z'",
      'n WHERE 1 IN (1, 2)',
      'ki WHERE id = 3',
      'ki WHERE id = 1 + 2 OR id IN (CAST(10 AS INTEGER))',
      'ki WHERE id < 2.5',
      'ki WHERE id > 3000000000',
      'kl WHERE id = 3 OR id = 3000000000',
      'kd WHERE id IN (10, 8.0) OR id = 3000000000',
      'kp WHERE id = 3 OR id = 3.5 OR id = 12.34',
    ])('takes %s', (condition) => {
      expect(kept.run(`SELECT * FROM ${condition};`)).toMatchObject({ kind: 'pullQuery' });
    });

    it.each([
      ["n WHERE NOT a = 'x'", "Unsupported expression in WHERE clause: (NOT (A = 'x'))"],
      ["n WHERE a NOT IN ('x')", 'Unsupported expression in WHERE clause'],
      ["n WHERE a NOT LIKE 'x'", 'Unsupported expression in WHERE clause'],
      ['n WHERE n NOT BETWEEN 1 AND 2', 'Unsupported expression in WHERE clause'],
      ['n WHERE n IS NULL', 'Unsupported expression in WHERE clause: (N IS NULL)'],
      ["n WHERE a = 'x' AND n IS NOT NULL", 'Unsupported expression in WHERE clause: (N IS NOT NULL)'],
      ['n WHERE IS_JSON_STRING(a)', 'Unsupported expression in WHERE clause: IS_JSON_STRING(A)'],
      ['ki WHERE f', 'Unsupported expression in WHERE clause: F'],
      ['ki WHERE TRUE', 'Unsupported expression in WHERE clause: true'],
      ["n WHERE a IN ('x', NULL)", 'Primary key columns can not be NULL'],
      ["w WHERE a LIKE 'x%' AND n = 1", 'Unsupported expression in WHERE clause'],
      ["w WHERE (a LIKE 'x%' OR n = 2) AND n = 1", 'Unsupported expression in WHERE clause'],
      ['w WHERE WINDOWSTART <> 1', 'Unsupported WINDOWSTART bounds: <>'],
      ["w WHERE a = 'x' AND 1 <> WINDOWEND", 'Unsupported WINDOWEND bounds: <>'],
      ['ki WHERE id = 3.0', '3.0 can not be converted to the type of the key column: ID INTEGER KEY'],
      ['ki WHERE 3e0 = id', 'can not be converted to the type of the key column: ID INTEGER KEY'],
      ['ki WHERE id = 3000000000', '3000000000 can not be converted to the type of the key column: ID INTEGER KEY'],
      ['ki WHERE id IN (1, 3000000000)', '3000000000 can not be converted'],
      ['ki WHERE id IN (1, 2.0)', '2.0 can not be converted'],
      ['kl WHERE id = 3.0', '3.0 can not be converted to the type of the key column: ID BIGINT KEY'],
      ['kp WHERE id = 3.125', '3.125 can not be converted to the type of the key column: ID DECIMAL(4, 2) KEY'],
      ['kp WHERE id = 100.5', '100.5 can not be converted'],
      ['kp WHERE id = 3e0', 'can not be converted'],
    ])('refuses %s', (condition, text) => {
      expect(kept.refusal(`SELECT * FROM ${condition};`).message).toContain(text);
    });

    it('looks at the kind of every condition before the values of keys', () => {
      expect(kept.refusal('SELECT * FROM ki WHERE f AND id = 3.0;').message).toContain('Unsupported expression');
      expect(kept.refusal('SELECT * FROM ki WHERE nope AND id = 3.0;').message).toContain("'NOPE' cannot be resolved");
      expect(kept.refusal("SELECT * FROM ki WHERE id = 'x' AND v IS NULL;").message).toContain('Cannot compare ID');
    });

    it.each(['*, n + 1', 'ROWTIME, *', 'n.*, a AS b'])('refuses SELECT %s: a star stands alone', (items) => {
      expect(kept.refusal(`SELECT ${items} FROM n;`).message).toContain(
        "Pull queries don't support a star beside other columns of a table.",
      );
    });

    it('takes any condition over a stream', () => {
      expect(kept.run('SELECT *, b + 1 FROM s;')).toMatchObject({ kind: 'pullQuery' });
      expect(kept.run("SELECT * FROM s WHERE a IS NULL OR a NOT LIKE 'x%' AND b <> 1;")).toMatchObject({
        kind: 'pullQuery',
      });
    });
  });

  it('needs the key where scans are switched off', () => {
    const off = { 'ksql.query.pull.table.scan.enabled': 'false' };
    expect(planner.refusal('SELECT * FROM n WHERE n = 1;', off).message).toContain(
      'WHERE clause missing key column for disjunct: (N = 1)',
    );
    expect(planner.refusal('SELECT * FROM n;', off).message).toContain('Missing WHERE clause.');
    expect(planner.run("SELECT * FROM n WHERE a > 'x';", off)).toMatchObject({ kind: 'pullQuery' });
  });

  it('refuses what only a push query can do, and tables that no query keeps', () => {
    expect(planner.refusal('SELECT a, COUNT(*) FROM n GROUP BY a;').message).toContain(
      "Pull queries don't support GROUP BY clauses.",
    );
    expect(planner.refusal('SELECT * FROM t;').message).toContain("The `T` table isn't queryable.");
  });
});

describe('errors and explanations', () => {
  it('ties a mistake to its statement', () => {
    const planner = withSources();
    const refusal = planner.refusal('CREATE STREAM o AS SELECT id, a || 1 FROM nope;');
    expect(refusal).toBeInstanceOf(ParseFailedError);
    const where = planner.refusal("CREATE STREAM o AS SELECT * FROM s WHERE b = 'x';");
    expect(where).toBeInstanceOf(KsqlStatementError);
    expect(where.message).toContain(
      "Error in WHERE expression: Cannot compare B (BIGINT) to 'x' (STRING) with EQUAL.\nStatement: (B = 'x')",
    );
  });

  it.each([
    ["SELECT * FROM s WHERE b = 'x' EMIT CHANGES;", "(B = 'x')"],
    ["SELECT * FROM s WHERE b + 'x' > 1 EMIT CHANGES;", "((B + 'x') > 1)"],
    ['SELECT * FROM s WHERE a EMIT CHANGES;', 'A'],
    ["SELECT b + 'x' FROM s EMIT CHANGES;", "(B + 'x')"],
    ['SELECT CAST(st AS INT) FROM s EMIT CHANGES;', 'CAST(ST AS INTEGER)'],
    ["CREATE STREAM o AS SELECT * FROM s WHERE b LIKE 'x';", "(B LIKE 'x')"],
    ["INSERT INTO r SELECT id, a, 1 FROM s WHERE b BETWEEN 'x' AND 'y';", "(B BETWEEN 'x' AND 'y')"],
    ['CREATE TABLE o AS SELECT a, COUNT(*) FROM s WHERE COUNT(*) > 1 GROUP BY a;', '(COUNT(*) > 1)'],
  ])('%s is quoted by its expression', (sql, expression) => {
    expect(withSources().refusal(sql)).toMatchObject({ statementText: expression });
  });

  it.each([
    "CREATE STREAM o AS SELECT * FROM s WHERE b = 'x';",
    "CREATE STREAM o AS SELECT id, b + 'x' FROM s;",
    'CREATE STREAM o AS SELECT id, CAST(st AS INT) FROM s;',
  ])('%s is quoted whole', (sql) => {
    expect(withSources().refusal(sql)).toMatchObject({
      statementText: expect.stringContaining('CREATE STREAM O WITH'),
    });
  });

  it('shows a plan from the sink to the sources', () => {
    const planned = withSources().run('CREATE TABLE n AS SELECT a, COUNT(*) AS n FROM s GROUP BY a;');
    if (planned.kind !== 'persistentQuery') throw new Error('no query');
    expect(
      explainPlan(planned.plan)
        .split('\n')
        .map((line) => line.replace(/ \| Schema: .* \| /, ' | ')),
    ).toEqual([
      ' > [ SINK ] | Logger: CTAS_N_4.N',
      '\t\t > [ PROJECT ] | Logger: CTAS_N_4.Aggregate.Project',
      '\t\t\t\t > [ AGGREGATE ] | Logger: CTAS_N_4.Aggregate.Aggregate',
      '\t\t\t\t\t\t > [ GROUP_BY ] | Logger: CTAS_N_4.Aggregate.GroupBy',
      '\t\t\t\t\t\t\t\t > [ SOURCE ] | Logger: CTAS_N_4.KsqlTopic.Source',
      '',
    ]);
  });
});
