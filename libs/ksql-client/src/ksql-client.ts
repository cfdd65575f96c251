import { z } from 'zod';
import {
  entitySchemas,
  plainEntitySchema,
  serverHealthSchema,
  serverInfoSchema,
  type EntityOf,
  type EntityType,
  type KsqlEntity,
  type KsqlSource,
  type KsqlTopic,
  type QueryDescription,
  type RunningQuery,
  type ServerHealth,
  type ServerInfo,
  type SourceDescription,
} from './entities.js';
import { KsqlProtocolError, KsqlServerError, KsqlTimeoutError } from './errors.js';
import { identifier, insertStatement, type InsertValue } from './insert-statement.js';
import { linesOf } from './lines.js';
import { readClassic, readDelimited, type RowEvent, type RowReader } from './row-lines.js';
import type { KsqlRow } from './rows.js';
import { RunningPushQuery } from './running-query.js';
import type { Column } from './sql-type.js';
import { mediaType, Transport, type Call } from './transport.js';

export type KsqlCredentials = { readonly user: string; readonly password: string } | { readonly token: string };

export interface KsqlClientOptions {
  /** For example `http://127.0.0.1:8088`. */
  readonly url: string;
  /** For Basic authentication, as ksqlDB has it, or a bearer token, as the services of this repository also take it. */
  readonly credentials?: KsqlCredentials | undefined;
  /** Longest wait for a statement, a pull query's last row or a push query's header. Default 30,000. */
  readonly timeoutMs?: number | undefined;
  /** How often a call that may be repeated is sent at most. Default 3. */
  readonly attemptsMax?: number | undefined;
  /** Wait before the second attempt; doubled for each further one. Default 200. */
  readonly retryDelayMs?: number | undefined;
}

export interface StatementOptions {
  /** Session settings, for example `{ 'auto.offset.reset': 'earliest' }`. */
  readonly properties?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** Values for `${name}` in the text. */
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface ExecuteOptions extends StatementOptions {
  /** Run only after the server has applied the command with this number (of an earlier answer). */
  readonly commandSequenceNumber?: number | undefined;
}

export interface QueryOptions<T> extends StatementOptions {
  /** Checks and converts a row, for example a zod schema's `parse`. */
  readonly parse?: ((row: KsqlRow) => T) | undefined;
}

export interface PullResult<T> {
  readonly columns: readonly Column[];
  readonly rows: readonly T[];
}

/** A client for any ksqlDB server over HTTP/1.1. Errors are subclasses of `KsqlError`. */
export class KsqlClient {
  readonly #transport: Transport;
  readonly #address: string;
  readonly #timeoutMs: number;

  constructor(options: KsqlClientOptions) {
    this.#address = options.url;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
    this.#transport = new Transport({
      url: options.url,
      headers: options.credentials === undefined ? {} : { Authorization: authorization(options.credentials) },
      attemptsMax: options.attemptsMax ?? 3,
      retryDelayMs: options.retryDelayMs ?? 200,
    });
  }

  /**
   * Runs one or more statements (not SELECT or PRINT) and returns their entities; SET, DEFINE and INSERT VALUES have
   * none. The server checks all statements before it runs the first. Sent again only when it cannot have arrived.
   */
  async execute(statements: string, options: ExecuteOptions = {}): Promise<KsqlEntity[]> {
    return this.#statements(statements, options, 'before-arrival');
  }

  async describe(source: string, options?: StatementOptions): Promise<SourceDescription> {
    return (await this.#one('sourceDescription', `DESCRIBE ${identifier(source)};`, options)).sourceDescription;
  }

  /** Plans a statement (or shows a running query by its id) without changing anything. */
  async explain(statementOrQueryId: string, options?: StatementOptions): Promise<QueryDescription> {
    const text = statementOrQueryId.trim().replace(/;?$/, ';');
    return (await this.#one('queryDescription', `EXPLAIN ${text}`, options)).queryDescription;
  }

  async listStreams(options?: StatementOptions): Promise<KsqlSource[]> {
    return (await this.#one('streams', 'LIST STREAMS;', options)).streams;
  }

  async listTables(options?: StatementOptions): Promise<KsqlSource[]> {
    return (await this.#one('tables', 'LIST TABLES;', options)).tables;
  }

  async listQueries(options?: StatementOptions): Promise<RunningQuery[]> {
    return (await this.#one('queries', 'LIST QUERIES;', options)).queries;
  }

  /** Running queries with their sources, errors and plans. */
  async describeQueries(options?: StatementOptions): Promise<QueryDescription[]> {
    return (await this.#one('query_descriptions', 'LIST QUERIES EXTENDED;', options)).queryDescriptions;
  }

  async listTopics(options?: StatementOptions): Promise<KsqlTopic[]> {
    return (await this.#one('kafka_topics', 'LIST TOPICS;', options)).topics;
  }

  /** Adds one row with INSERT INTO … VALUES; never sent twice. */
  async insert(target: string, row: Readonly<Record<string, InsertValue>>, options: StatementOptions = {}) {
    await this.#statements(insertStatement(target, row), options, 'before-arrival');
  }

  /** Runs a query that ends by itself and returns all its rows. */
  async pull<T = KsqlRow>(sql: string, options: QueryOptions<T> = {}): Promise<PullResult<T>> {
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    try {
      const query = await this.#start(sql, { ...options, signal, timeoutMs }, 'always', rowOnly(options.parse));
      const rows: T[] = [];
      for await (const row of query) rows.push(row);
      return { columns: query.columns, rows };
    } catch (error) {
      throw deadline.aborted && !options.signal?.aborted ? new KsqlTimeoutError('the pull query', timeoutMs) : error;
    }
  }

  /** Starts a query without an end over `/query-stream`; deletions from a table are left out by the server. */
  async push<T = KsqlRow>(sql: string, options: QueryOptions<T> = {}): Promise<RunningPushQuery<T>> {
    return this.#start(sql, options, 'before-arrival', rowOnly(options.parse));
  }

  /** Starts a push query over the older `/query`, which shows deletions from a table as tombstones. */
  async changes(sql: string, options: StatementOptions = {}): Promise<RunningPushQuery<RowEvent>> {
    const body = { ksql: sql, streamsProperties: options.properties, sessionVariables: options.variables };
    return this.#open(
      { path: '/query', accept: mediaType.json, body, retry: 'before-arrival' },
      options,
      readClassic,
      (event) => event,
    );
  }

  /** Runs PRINT and yields its lines as text. */
  async *print(sql: string, options: StatementOptions = {}): AsyncGenerator<string> {
    const left = new AbortController();
    const body = await this.#transport.stream({
      method: 'POST',
      path: '/query',
      accept: mediaType.json,
      body: { ksql: sql, streamsProperties: options.properties, sessionVariables: options.variables },
      signal: options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal,
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
      retry: 'before-arrival',
    });
    body.on('error', () => undefined); // an abort after the last read has no reader left to tell
    try {
      for await (const line of linesOf(body)) if (line !== '') yield line;
    } finally {
      left.abort();
    }
  }

  async info(options: StatementOptions = {}): Promise<ServerInfo> {
    return checked(serverInfoSchema, await this.#get('/info', options), 'GET /info').KsqlServerInfo;
  }

  async health(options: StatementOptions = {}): Promise<ServerHealth> {
    return checked(serverHealthSchema, await this.#get('/healthcheck', options), 'GET /healthcheck');
  }

  /** Ends a push query by its id. True when the server knew it. */
  async closeQuery(queryId: string, options: StatementOptions = {}): Promise<boolean> {
    try {
      await this.#transport.json({
        method: 'POST',
        path: '/close-query',
        body: { queryId },
        signal: options.signal,
        timeoutMs: options.timeoutMs ?? this.#timeoutMs,
        retry: 'never',
      });
      return true;
    } catch (error) {
      // Some versions close the query and yet answer 500 when the request came over another connection.
      if (error instanceof KsqlServerError) return error.status === 500;
      throw error;
    }
  }

  /** Closes kept connections. Running push queries go on until they are closed themselves. */
  close(): void {
    this.#transport.close();
  }

  #get(path: string, options: StatementOptions): Promise<unknown> {
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    return this.#transport.json({ method: 'GET', path, signal: options.signal, timeoutMs, retry: 'always' });
  }

  async #statements(text: string, options: ExecuteOptions, retry: Call['retry']): Promise<KsqlEntity[]> {
    const answer = await this.#transport.json({
      method: 'POST',
      path: '/ksql',
      accept: mediaType.json,
      body: {
        ksql: text,
        streamsProperties: options.properties ?? {},
        sessionVariables: options.variables,
        commandSequenceNumber: options.commandSequenceNumber,
      },
      signal: options.signal,
      timeoutMs: options.timeoutMs ?? this.#timeoutMs,
      retry,
    });
    return checked(z.array(plainEntitySchema), answer, 'POST /ksql');
  }

  async #one<K extends EntityType>(type: K, statement: string, options: StatementOptions = {}): Promise<EntityOf<K>> {
    const [entity] = await this.#statements(statement, options, 'always');
    return checked<EntityOf<K>>(entitySchemas[type] as unknown as z.ZodType<EntityOf<K>>, entity, statement);
  }

  #start<T>(sql: string, options: StatementOptions, retry: Call['retry'], toItem: (event: RowEvent) => T) {
    const body = { sql, properties: options.properties ?? {}, sessionVariables: options.variables };
    return this.#open(
      { path: '/query-stream', accept: mediaType.delimited, body, retry },
      options,
      readDelimited,
      toItem,
    );
  }

  async #open<T>(
    call: Pick<Call, 'path' | 'accept' | 'body' | 'retry'>,
    options: StatementOptions,
    read: (lines: AsyncGenerator<string>) => Promise<RowReader>,
    toItem: (event: RowEvent) => T,
  ): Promise<RunningPushQuery<T>> {
    const left = new AbortController();
    const signal = options.signal ? AbortSignal.any([options.signal, left.signal]) : left.signal;
    const timeoutMs = options.timeoutMs ?? this.#timeoutMs;
    const body = await this.#transport.stream({ ...call, method: 'POST', signal, timeoutMs });
    body.on('error', () => undefined); // an abort after the last read has no reader left to tell
    const reader = await read(linesOf(body)).catch((error: unknown) => {
      left.abort();
      throw error;
    });
    return new RunningPushQuery({
      reader,
      toItem,
      abort: () => left.abort(),
      closeOnServer: async (queryId) => {
        await this.closeQuery(queryId, { timeoutMs: 2_000 }).catch(() => false);
      },
      address: this.#address,
      signal: options.signal,
    });
  }
}

function rowOnly<T>(parse: ((row: KsqlRow) => T) | undefined): (event: RowEvent) => T {
  return (event) => (parse ? parse(event.row) : (event.row as T));
}

function checked<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new KsqlProtocolError(`Unexpected answer to ${what}: ${z.prettifyError(result.error)}`);
}

function authorization(credentials: KsqlCredentials): string {
  if ('token' in credentials) return `Bearer ${credentials.token}`;
  return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}
