import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseStatements, type KsqlEngine, type ParsedStatement, type Statement } from '@isobar/ksql-engine';
import pino from 'pino';
import { readServerConfig } from '../config.js';
import { listen, refuseUpgrade, type HttpListener } from '../http/http-listener.js';
import { createRouter } from '../http/router.js';
import { clientsTurnedAway } from '../http/turned-away.js';
import { limitsOf } from '../limits.js';
import type { ServerContext } from '../server-context.js';
import { ksqlRoute } from './ksql-route.js';

/** Only scripts of test cases have these. */
type OnlyInTests = 'assertValues' | 'assertTombstone' | 'assertSource';

/** A statement of every kind there is, by what a server does with it that only answers questions. */
const samples: Readonly<
  Record<Exclude<Statement['kind'], OnlyInTests>, readonly ['answers' | 'refuses' | 'sends to /query', string]>
> = {
  createSource: ['refuses', "CREATE STREAM s (k INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');"],
  createAsSelect: ['refuses', 'CREATE STREAM s AS SELECT * FROM t;'],
  insertInto: ['refuses', 'INSERT INTO s SELECT * FROM t;'],
  insertValues: ['refuses', 'INSERT INTO s (k) VALUES (1);'],
  dropSource: ['refuses', 'DROP STREAM s DELETE TOPIC;'],
  alterSource: ['refuses', 'ALTER STREAM s ADD COLUMN c INT;'],
  createType: ['refuses', 'CREATE TYPE t AS INTEGER;'],
  dropType: ['refuses', 'DROP TYPE t;'],
  query: ['sends to /query', 'SELECT * FROM s EMIT CHANGES;'],
  print: ['sends to /query', "PRINT 't';"],
  explain: ['answers', 'EXPLAIN q;'],
  describeSource: ['answers', 'DESCRIBE s;'],
  describeSources: ['answers', 'DESCRIBE STREAMS;'],
  describeFunction: ['answers', 'DESCRIBE FUNCTION LEN;'],
  describeConnector: ['answers', 'DESCRIBE CONNECTOR c;'],
  show: ['answers', 'SHOW STREAMS;'],
  controlQuery: ['refuses', 'TERMINATE q;'],
  setProperty: ['answers', "SET 'auto.offset.reset' = 'earliest';"],
  unsetProperty: ['answers', "UNSET 'auto.offset.reset';"],
  alterSystem: ['refuses', "ALTER SYSTEM 'auto.offset.reset' = 'earliest';"],
  defineVariable: ['answers', "DEFINE v = 'x';"],
  undefineVariable: ['answers', 'UNDEFINE v;'],
  createConnector: ['refuses', "CREATE SOURCE CONNECTOR c WITH ('connector.class' = 'x');"],
  dropConnector: ['refuses', 'DROP CONNECTOR c;'],
  assertTopic: ['answers', "ASSERT TOPIC 't';"],
  assertSchema: ['answers', "ASSERT SCHEMA SUBJECT 's';"],
};

describe('POST /ksql of a server that only answers questions', () => {
  let listener: HttpListener;
  let executed: string[] = [];
  const engine = {
    execute: async (statements: readonly ParsedStatement[]) =>
      void executed.push(...statements.map(({ statement }) => statement.kind)),
  } as unknown as KsqlEngine;

  beforeAll(async () => {
    const limits = limitsOf(readServerConfig({}));
    const log = pino({ level: 'silent' });
    const turnedAway = clientsTurnedAway(log, limits);
    const context = { log, limits, state: 'READY', engine, isReadOnly: true } as ServerContext;
    listener = await listen('127.0.0.1', 0, limits, {
      turnedAway,
      guard: () => ({ allow: true, principal: undefined, headers: {} }),
      request: createRouter([ksqlRoute(context)], limits, log),
      upgrade: (_request, socket) => refuseUpgrade(socket, 404),
    });
  });
  afterAll(() => listener.close());
  beforeEach(() => {
    executed = [];
  });

  const post = async (ksql: string) => {
    const answer = await fetch(`http://127.0.0.1:${listener.port}/ksql`, {
      method: 'POST',
      body: JSON.stringify({ ksql }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  it.each(Object.entries(samples))('%s', async (kind, [does, sql]) => {
    expect(parseStatements(sql, new Map()).map(({ statement }) => statement.kind)).toEqual([kind]);
    const { status, body } = await post(sql);
    expect(executed).toEqual(does === 'answers' ? [kind] : []);
    if (does === 'answers') expect(status).toBe(200);
    else if (does === 'sends to /query') expect([status, body['error_code']]).toEqual([400, 40002]);
    else
      expect([status, body]).toEqual([
        403,
        expect.objectContaining({
          '@type': 'statement_error',
          error_code: 40300,
          message: expect.stringContaining('READ_ONLY'),
        }),
      ]);
  });

  it('does nothing of a request in which one statement would change something', async () => {
    expect((await post("SHOW STREAMS; SET 'auto.offset.reset' = 'earliest'; DROP STREAM s; SHOW TABLES;")).status).toBe(
      403,
    );
    expect((await post("DEFINE word = 's'; SHOW TABLES; DROP STREAM ${word};")).status).toBe(403);
    expect(executed).toEqual([]);
  });
});
