import { describe, expect, it } from '@jest/globals';
import { parseOne, parseStatements, splitStatements } from '../parse.js';

describe('statements', () => {
  it.each([
    [
      'CREATE OR REPLACE SOURCE STREAM IF NOT EXISTS s (id INT KEY);',
      { kind: 'createSource', sourceKind: 'STREAM', name: 'S', orReplace: true, ifNotExists: true, isSource: true },
    ],
    [
      "CREATE TABLE t WITH (format='JSON') AS SELECT * FROM s;",
      {
        kind: 'createAsSelect',
        sourceKind: 'TABLE',
        properties: new Map([['FORMAT', expect.objectContaining({ value: 'JSON' })]]),
      },
    ],
    ['INSERT INTO t SELECT * FROM s;', { kind: 'insertInto', target: 'T' }],
    [
      'INSERT INTO t (a, `b`) VALUES (1, 2);',
      { kind: 'insertValues', columns: ['A', 'b'], values: [{ value: 1 }, { value: 2 }] },
    ],
    ['INSERT INTO t VALUES (1);', { kind: 'insertValues', columns: [] }],
    ['DROP STREAM IF EXISTS s DELETE TOPIC;', { kind: 'dropSource', ifExists: true, deleteTopic: true }],
    [
      'ALTER STREAM s ADD COLUMN a INT, ADD b INT, ADD column INT;',
      { kind: 'alterSource', additions: [{ name: 'A' }, { name: 'B' }, { name: 'COLUMN' }] },
    ],
    ["ALTER SYSTEM 'a'='b';", { kind: 'alterSystem', name: 'a', value: 'b' }],
    ['CREATE TYPE IF NOT EXISTS t AS INT;', { kind: 'createType', name: 'T', ifNotExists: true }],
    ['DROP TYPE IF EXISTS t;', { kind: 'dropType', ifExists: true }],
    [
      "CREATE SINK CONNECTOR c WITH ('a.B'='x');",
      { kind: 'createConnector', connectorKind: 'SINK', properties: new Map([['a.B', expect.anything()]]) },
    ],
    ['DROP CONNECTOR `c`;', { kind: 'dropConnector', name: 'c' }],
    [
      'PRINT myTopic FROM BEGINNING SAMPLE 2 LIMIT 3;',
      { kind: 'print', topic: 'myTopic', fromBeginning: true, interval: 2, limit: 3 },
    ],
    ["PRINT 'a-b';", { kind: 'print', topic: 'a-b', interval: 1, limit: undefined }],
    ['EXPLAIN ctas_x_1;', { kind: 'explain', queryId: 'CTAS_X_1' }],
    [
      'EXPLAIN SELECT * FROM s;',
      { kind: 'explain', statement: { text: 'SELECT * FROM s;', statement: { kind: 'query' } } },
    ],
    ['DESCRIBE s EXTENDED;', { kind: 'describeSource', name: 'S', extended: true }],
    ['DESCRIBE TABLES;', { kind: 'describeSources', sourceKind: 'TABLE', extended: false }],
    ['DESCRIBE FUNCTION abs;', { kind: 'describeFunction', name: 'ABS' }],
    ['DESCRIBE function;', { kind: 'describeSource', name: 'FUNCTION' }],
    ['DESCRIBE CONNECTOR c;', { kind: 'describeConnector', name: 'C' }],
    ['LIST ALL TOPICS EXTENDED;', { kind: 'show', what: 'ALL_TOPICS', extended: true }],
    ['SHOW SINK CONNECTORS;', { kind: 'show', what: 'SINK_CONNECTORS', extended: false }],
    ['SHOW CONNECTOR PLUGINS;', { kind: 'show', what: 'CONNECTOR_PLUGINS' }],
    ['TERMINATE ALL;', { kind: 'controlQuery', action: 'TERMINATE', queryId: undefined }],
    ['PAUSE q;', { kind: 'controlQuery', action: 'PAUSE', queryId: 'Q' }],
    ['RESUME `q`;', { kind: 'controlQuery', action: 'RESUME', queryId: 'q' }],
    ["SET 'a'='b';", { kind: 'setProperty', name: 'a', value: 'b' }],
    ["UNSET 'a';", { kind: 'unsetProperty', name: 'a' }],
    ["DEFINE topic = 'x';", { kind: 'defineVariable', name: 'topic', value: 'x' }],
    ['UNDEFINE Topic;', { kind: 'undefineVariable', name: 'Topic' }],
    [
      'ASSERT NOT EXISTS TOPIC aB WITH (PARTITIONS=2) TIMEOUT 2 SECONDS;',
      { kind: 'assertTopic', topic: 'aB', exists: false, timeoutMs: 2000 },
    ],
    [
      "ASSERT SCHEMA SUBJECT 's' ID 3;",
      { kind: 'assertSchema', subject: 's', id: 3, exists: true, timeoutMs: undefined },
    ],
  ])('%s', (text, expected) => {
    expect(parseOne(text).statement).toMatchObject(expected);
  });

  it.each([
    ['ASSERT VALUES s (a) VALUES (1);', { kind: 'assertValues', target: 'S', columns: ['A'] }],
    ['ASSERT NULL VALUES s (a) KEY (1);', { kind: 'assertTombstone', values: [{ value: 1 }] }],
    [
      "ASSERT STREAM s (a INT) WITH (FORMAT='JSON');",
      { kind: 'assertSource', statement: { kind: 'createSource', name: 'S' } },
    ],
  ])('%s is for test files only', (text, expected) => {
    expect(parseOne(text, undefined, { dialect: 'test' }).statement).toMatchObject(expected);
    expect(() => parseOne(text)).toThrow('Syntax error at or near');
  });

  it.each([
    ['ASSERT SCHEMA;', 'Failed to prepare statement: ASSERT SCHEMA statements much include a subject name or an id'],
    [
      'DROP STREAM `a b`;',
      "Illegal argument at Line: 1, Col: 13. Source names may only contain alphanumeric values, '_' or '-'. Got: 'a b'",
    ],
    ["CREATE STREAM s WITH (a='1', A='2');", 'Failed to prepare statement: Duplicate property in the WITH clause: A'],
  ])('%s', (text, message) => {
    expect(() => parseOne(text)).toThrow(message);
  });
});

describe('scripts', () => {
  it('are cut into statements with their own text and place', () => {
    const script = '-- first\nLIST STREAMS; /* second */\n  LIST TABLES;';
    expect(splitStatements(script)).toMatchObject([
      { text: 'LIST STREAMS;', location: { line: 2, column: 0 } },
      { text: 'LIST TABLES;', location: { line: 3, column: 2 } },
    ]);
    expect(parseStatements(' -- nothing\n')).toEqual([]);
  });

  it('are refused as a whole for a syntax error anywhere, before other mistakes are looked at', () => {
    const script = 'SELECT 1E999 FROM s; LIST;';
    expect(() => splitStatements(script)).toThrow(expect.objectContaining({ statementText: script }));
    const [split] = splitStatements('SELECT 1E999 FROM s; LIST STREAMS;');
    expect(() => split?.parse()).toThrow(expect.objectContaining({ statementText: 'SELECT 1E999 FROM s;' }));
  });
});
