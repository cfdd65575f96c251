import type { ServerConfig } from './config.js';

/** What one client or one request may take at most. Each is a variable of the process; docs/how-to/limits.md lists them. */
export interface ServerLimits {
  readonly connections: number;
  /** Requests at once on one HTTP/2 connection. */
  readonly streamsPerConnection: number;
  readonly headerBytes: number;
  /** From the first byte of a connection or request to the end of its headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the end of its body. */
  readonly requestTimeoutMs: number;
  /** How long a connection without a request is kept. */
  readonly keepAliveMs: number;
  /** How long a client may take nothing of an answer. */
  readonly slowReaderMs: number;
  readonly bodyBytes: number;
  readonly statementChars: number;
  readonly statementTokens: number;
  readonly statements: number;
  readonly pushQueries: number;
  /** PRINT and pull queries over streams, together. */
  readonly scans: number;
  /** How long the rows of one pull query may be looked for. */
  readonly pullQueryMs: number;
}

export const limitsOf = (config: ServerConfig): ServerLimits => ({
  connections: config.HTTP_CONNECTIONS_MAX,
  streamsPerConnection: config.HTTP_STREAMS_MAX,
  headerBytes: config.HTTP_HEADER_BYTES_MAX,
  headersTimeoutMs: config.HTTP_HEADERS_TIMEOUT_MS,
  requestTimeoutMs: config.HTTP_REQUEST_TIMEOUT_MS,
  keepAliveMs: config.HTTP_KEEP_ALIVE_MS,
  slowReaderMs: config.HTTP_SLOW_READER_MS,
  bodyBytes: config.HTTP_BODY_BYTES_MAX,
  statementChars: config.KSQL_STATEMENT_CHARS_MAX,
  statementTokens: config.KSQL_STATEMENT_TOKENS_MAX,
  statements: config.KSQL_STATEMENTS_MAX,
  pushQueries: config.KSQL_PUSH_QUERIES_MAX,
  scans: config.KSQL_SCANS_MAX,
  pullQueryMs: config.KSQL_PULL_QUERY_MS_MAX,
});
