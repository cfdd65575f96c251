import {
  formatType,
  jsonText,
  protobufRows,
  type ProtobufRows,
  type SqlType,
  type SqlValue,
} from '@isobar/ksql-engine';
import type { ApiError } from '../http/responses.js';
import { columnList } from '../routes/answer-statement.js';

export interface AnswerColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly isKey: boolean;
}
export interface AnswerHeader {
  readonly queryId: string;
  readonly columns: readonly AnswerColumn[];
  /** Pull queries mark key columns in the old header. */
  readonly marksKeys: boolean;
}

/** One framing of rows on the wire (REST reference, A.6 and A.7). */
export interface RowFraming {
  begin(header: AnswerHeader): string;
  row(values: readonly SqlValue[], types: readonly SqlType[], isTombstone: boolean): string;
  /** A line that only shows whether the client is still there. */
  readonly idle: string;
  error(problem: ApiError): string;
  end(finalMessage: string | undefined): string;
}

const rowText = (values: readonly SqlValue[], types: readonly SqlType[]): string =>
  `[${values.map((value, i) => jsonText(value, types[i]!)).join(',')}]`;

/** A row as an object of the old framing. */
export const rowObject = (values: readonly SqlValue[], types: readonly SqlType[], isTombstone: boolean): string =>
  `{"row":{"columns":${rowText(values, types)}${isTombstone ? ',"tombstone":true' : ''}}}`;

const metadata = (header: AnswerHeader): string =>
  JSON.stringify({
    queryId: header.queryId,
    columnNames: header.columns.map((column) => column.name),
    columnTypes: header.columns.map((column) => formatType(column.type)),
  });

/** `application/vnd.ksqlapi.delimited.v1`: metadata, then a JSON array per line; deletions are left out. */
export const delimitedFraming = (): RowFraming => ({
  begin: (header) => `${metadata(header)}\n`,
  row: (values, types, isTombstone) => (isTombstone ? '' : `${rowText(values, types)}\n`),
  idle: '',
  error: (problem) => `${JSON.stringify(problem.body())}\n`,
  end: () => '',
});

/** `application/json` on /query-stream: one array of metadata and rows. */
export const arrayFraming = (): RowFraming => ({
  begin: (header) => `[${metadata(header)}`,
  row: (values, types, isTombstone) => (isTombstone ? '' : `,${rowText(values, types)}`),
  idle: '',
  error: (problem) => `,${JSON.stringify(problem.body())}`,
  end: () => ']',
});

/** What stands in the objects of the old framing. */
interface RowObjects {
  header(header: AnswerHeader): object;
  row(values: readonly SqlValue[], types: readonly SqlType[], isTombstone: boolean): string;
}

const jsonObjects: RowObjects = {
  header: ({ queryId, columns, marksKeys }) => ({ queryId, schema: columnList(columns, marksKeys) }),
  row: rowObject,
};

/** Rows as protobuf messages in base64; the header has the `.proto` file to read them with. */
function protobufObjects(): RowObjects {
  let rows: ProtobufRows | undefined;
  return {
    header: ({ queryId, columns }) => {
      rows = protobufRows(columns);
      return { queryId, protoSchema: rows.schemaText };
    },
    row: (values, _types, isTombstone) => {
      const protobufBytes = rows?.encode(values).toString('base64');
      return JSON.stringify({ row: isTombstone ? { protobufBytes, tombstone: true } : { protobufBytes } });
    },
  };
}

/** `application/vnd.ksql.v1+protobuf`: as the one in JSON, with the rows as messages. */
export const protobufFraming = (isPush: boolean): RowFraming => streamedRowFraming(isPush, protobufObjects());

/** `application/vnd.ksql.v1+json`: an array of header, row and message objects. */
export const streamedRowFraming = (isPush: boolean, objects: RowObjects = jsonObjects): RowFraming => {
  let isFirst = true;
  const item = (text: string): string => {
    // A push answer ends each object with a comma, since another always follows; a pull answer puts it before the next.
    if (isPush) return `${text},\n`;
    const separated = isFirst ? text : `,\n${text}`;
    isFirst = false;
    return separated;
  };
  return {
    begin: (header) => `[${item(JSON.stringify({ header: objects.header(header) }))}`,
    row: (values, types, isTombstone) => item(objects.row(values, types, isTombstone)),
    idle: '\n',
    error: (problem) =>
      isPush
        ? `{"errorMessage":${JSON.stringify(problem.body())}}`
        : item(`{"errorMessage":${JSON.stringify(problem.body())}}`),
    end: (finalMessage) =>
      finalMessage === undefined
        ? ']'
        : isPush
          ? `${JSON.stringify({ finalMessage })}]`
          : `${item(JSON.stringify({ finalMessage }))}]`,
  };
};
