import { afterEach, describe, expect, it } from '@jest/globals';
import { KsqlProtocolError, KsqlServerError, KsqlTimeoutError, KsqlUnavailableError } from './errors.js';
import { KsqlClient, type KsqlClientOptions } from './ksql-client.js';
import { startStubServer, type StubAnswer, type StubServer } from './testing/stub-server.js';

let server: StubServer | undefined;
let client: KsqlClient | undefined;

async function clientFor(answer: StubAnswer, options: Partial<KsqlClientOptions> = {}): Promise<KsqlClient> {
  server = await startStubServer(answer);
  client = new KsqlClient({ url: server.url, retryDelayMs: 5, ...options });
  return client;
}

afterEach(async () => {
  client?.close();
  await server?.close();
  server = undefined;
});

const json =
  (status: number, body: unknown): StubAnswer =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };

const lines =
  (...texts: string[]): StubAnswer =>
  (_request, response) => {
    response.writeHead(200).end(texts.map((text) => `${text}\n`).join(''));
  };

const notReady = { '@type': 'generic_error', error_code: 50302, message: 'KSQL is not yet ready to serve requests.' };

describe('statements', () => {
  it('sends text, settings and variables, and returns the entities', async () => {
    const entity = {
      '@type': 'currentStatus',
      statementText: 'DROP STREAM S;',
      commandId: 'stream/S/drop',
      commandStatus: { status: 'SUCCESS', message: 'Source `S` (topic: s) was dropped.', queryId: null },
      commandSequenceNumber: 4,
      warnings: [],
    };
    const ksql = await clientFor(json(200, [entity]));
    const entities = await ksql.execute('DROP STREAM S;', {
      properties: { 'auto.offset.reset': 'earliest' },
      variables: { name: 'S' },
    });
    expect(entities).toEqual([entity]);
    expect(server?.requests[0]).toMatchObject({
      path: '/ksql',
      body: {
        ksql: 'DROP STREAM S;',
        streamsProperties: { 'auto.offset.reset': 'earliest' },
        sessionVariables: { name: 'S' },
      },
    });
  });

  it('throws the server refusal with code, statement, entities and place', async () => {
    const body = {
      '@type': 'statement_error',
      error_code: 40001,
      message: "line 2:30: Syntax Error\nExpecting {',', 'FROM'}",
      statementText: 'CREATE STREAM X AS SELECT * FORM A;',
      entities: [{ '@type': 'currentStatus' }],
    };
    const ksql = await clientFor(json(400, body));
    const error = await ksql.execute('…').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(KsqlServerError);
    expect(error).toMatchObject({
      status: 400,
      errorCode: 40001,
      statementText: body.statementText,
      entities: body.entities,
      place: { line: 2, column: 30 },
      retriable: false,
    });
  });

  it('explains an answer that is no ksqlDB error', async () => {
    const ksql = await clientFor((_request, response) => response.writeHead(404).end('<html>Not Found</html>'));
    await expect(ksql.execute('LIST STREAMS;')).rejects.toThrow('ksqlDB answered HTTP 404: <html>Not Found</html>');
  });

  it('refuses an answer of another shape', async () => {
    const ksql = await clientFor(json(200, { hello: 'world' }));
    await expect(ksql.listStreams()).rejects.toBeInstanceOf(KsqlProtocolError);
  });

  it('repeats any statement while the server starts, for it was refused unread', async () => {
    let calls = 0;
    const ksql = await clientFor((request, response, raw) =>
      (calls += 1) < 3 ? json(503, notReady)(request, response, raw) : json(200, [])(request, response, raw),
    );
    await expect(ksql.execute('DROP STREAM S;')).resolves.toEqual([]);
    expect(calls).toBe(3);
  });

  it('repeats a listing but not a change when the connection breaks', async () => {
    const ksql = await clientFor((_request, _response, raw) => raw.socket.destroy());
    await expect(ksql.listQueries()).rejects.toBeInstanceOf(KsqlUnavailableError);
    expect(server?.requests).toHaveLength(3);
    await expect(ksql.insert('S', { id: 1 })).rejects.toBeInstanceOf(KsqlUnavailableError);
    expect(server?.requests).toHaveLength(4);
  });

  it('names the address when nobody listens', async () => {
    const gone = new KsqlClient({ url: 'http://127.0.0.1:1', attemptsMax: 1 });
    await expect(gone.info()).rejects.toThrow(/No answer from ksqlDB at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)/);
  });

  it('gives up after its time', async () => {
    const ksql = await clientFor(() => undefined, { timeoutMs: 50, attemptsMax: 1 });
    await expect(ksql.info()).rejects.toBeInstanceOf(KsqlTimeoutError);
  });

  it.each([
    [{ user: 'ann', password: 'pw' }, `Basic ${Buffer.from('ann:pw').toString('base64')}`],
    [{ token: 'a-token' }, 'Bearer a-token'],
    [undefined, undefined],
  ])('sends credentials: %j', async (credentials, expected) => {
    let authorization: string | undefined;
    const ksql = await clientFor(
      (request, response, raw) => {
        authorization = raw.headers.authorization;
        json(200, { isHealthy: true })(request, response, raw);
      },
      { credentials },
    );
    await ksql.health();
    expect(authorization).toBe(expected);
  });
});

describe('pull queries', () => {
  it('returns rows by column name, exact where numbers are large or decimal', async () => {
    const ksql = await clientFor(
      lines(
        '{"queryId":null,"columnNames":["ID","BIG","SMALL","PRICE","TAGS","POS"],"columnTypes":["INTEGER","BIGINT","BIGINT","DECIMAL(6, 2)","ARRAY<BIGINT>","STRUCT<`LAT` DOUBLE, `N` BIGINT>"]}',
        '[1,9007199254740993,7,12.30,[1,9223372036854775807],{"LAT":1.0,"N":2}]',
      ),
    );
    const { columns, rows } = await ksql.pull('SELECT * FROM T;');
    expect(columns.map((column) => column.typeText)).toContain('DECIMAL(6, 2)');
    expect(rows).toEqual([
      {
        ID: 1,
        BIG: 9007199254740993n,
        SMALL: 7,
        PRICE: '12.30',
        TAGS: [1, 9223372036854775807n],
        POS: { LAT: 1, N: 2 },
      },
    ]);
  });

  it('passes each row through the given check', async () => {
    const ksql = await clientFor(lines('{"queryId":"q","columnNames":["N"],"columnTypes":["INTEGER"]}', '[1]', '[2]'));
    const { rows } = await ksql.pull('SELECT N FROM T;', { parse: (row) => Number(row['N']) * 10 });
    expect(rows).toEqual([10, 20]);
  });

  it('throws an error that comes after the header', async () => {
    const ksql = await clientFor(
      lines(
        '{"queryId":"q","columnNames":["N"],"columnTypes":["BIGINT"]}',
        '[1]',
        '{"@type":"generic_error","error_code":50000,"message":"Table scan unsupported on session tables"}',
      ),
    );
    await expect(ksql.pull('SELECT * FROM SESS;')).rejects.toMatchObject({ errorCode: 50000, status: 500 });
  });

  it('gives up on a pull query that does not end', async () => {
    const ksql = await clientFor(
      (_request, response) => response.write('{"queryId":"q","columnNames":["N"],"columnTypes":["BIGINT"]}\n[1]\n'),
      { timeoutMs: 100 },
    );
    await expect(ksql.pull('SELECT * FROM T;')).rejects.toBeInstanceOf(KsqlTimeoutError);
  });
});

describe('push queries', () => {
  const header = '{"queryId":"transient_S_1","columnNames":["N"],"columnTypes":["BIGINT"]}\n';

  /** An endless query; counts what could be written, and notes when the client left. */
  function endless() {
    const seen = { rows: 0, left: new Promise<void>(() => undefined), closeRequests: 0 };
    const answer: StubAnswer = (request, response) => {
      if (request.path === '/close-query') {
        seen.closeRequests += 1;
        response.writeHead(500).end('{"@type":"generic_error","error_code":50000,"message":"On wrong context"}');
        return;
      }
      seen.left = new Promise((resolve) => response.on('close', resolve));
      response.write(header);
      const pump = (): void => {
        while (!response.destroyed) {
          seen.rows += 1;
          if (!response.write(`[${seen.rows}]\n`.padStart(1_000))) {
            response.once('drain', pump);
            return;
          }
        }
      };
      pump();
    };
    return { seen, answer };
  }

  it('streams rows, and leaving the loop ends the query on the server', async () => {
    const { seen, answer } = endless();
    const ksql = await clientFor(answer);
    const query = await ksql.push('SELECT N FROM S EMIT CHANGES;');
    expect(query.queryId).toBe('transient_S_1');
    const rows: unknown[] = [];
    for await (const row of query) {
      rows.push(row['N']);
      if (rows.length === 3) break;
    }
    await seen.left;
    expect(rows).toEqual([1, 2, 3]);
    expect(seen.closeRequests).toBe(1);
  });

  it('holds the server back while nobody reads', async () => {
    const { seen, answer } = endless();
    const ksql = await clientFor(answer);
    const query = await ksql.push('SELECT N FROM S EMIT CHANGES;');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const first = seen.rows;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(seen.rows).toBe(first); // buffers are full, the writer waits
    await query.close();
    await seen.left;
  });

  it('ends quietly when closed while a row is awaited', async () => {
    const ksql = await clientFor((request, response) => {
      if (request.path === '/close-query') response.end();
      else response.write(header);
    });
    const query = await ksql.push('SELECT N FROM S EMIT CHANGES;');
    setTimeout(() => void query.close(), 30);
    const rows: unknown[] = [];
    for await (const row of query) rows.push(row);
    expect(rows).toEqual([]);
  });

  it('throws the reason of an abort', async () => {
    const ksql = await clientFor((_request, response) => response.write(header));
    const abort = new AbortController();
    const query = await ksql.push('SELECT N FROM S EMIT CHANGES;', { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('page left')), 30);
    await expect(
      (async () => {
        for await (const _row of query);
      })(),
    ).rejects.toThrow('page left');
  });

  it('tells a lost connection from an end', async () => {
    const ksql = await clientFor((_request, response) => {
      response.write(`${header}[1]\n`);
      setTimeout(() => response.destroy(), 30);
    });
    const query = await ksql.push('SELECT N FROM S EMIT CHANGES;');
    await expect(
      (async () => {
        for await (const _row of query);
      })(),
    ).rejects.toBeInstanceOf(KsqlUnavailableError);
  });

  it('shows deletions over /query', async () => {
    const ksql = await clientFor(
      lines(
        '[{"header":{"queryId":"transient_T_1","schema":"`SENSOR` STRING, `ROOM` STRING"}},',
        '{"row":{"columns":["s2","yard"]}},',
        '',
        '{"row":{"columns":["s2",null],"tombstone":true}},',
        '{"finalMessage":"Limit Reached"}]',
      ),
    );
    const events: unknown[] = [];
    for await (const event of await ksql.changes('SELECT * FROM SENSORS EMIT CHANGES LIMIT 2;')) events.push(event);
    expect(events).toEqual([
      { row: { SENSOR: 's2', ROOM: 'yard' }, isTombstone: false },
      { row: { SENSOR: 's2', ROOM: null }, isTombstone: true },
    ]);
  });

  it('yields the lines of PRINT', async () => {
    const ksql = await clientFor(lines('Key format: KAFKA_STRING', '', 'rowtime: …, key: s0, value: {}, partition: 0'));
    const printed: string[] = [];
    for await (const line of ksql.print("PRINT 's' LIMIT 1;")) printed.push(line);
    expect(printed).toEqual(['Key format: KAFKA_STRING', 'rowtime: …, key: s0, value: {}, partition: 0']);
  });
});
