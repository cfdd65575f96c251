import { mutateText } from './mutate.js';
import { ODD_VALUES } from './odd-values.js';
import { oneOf, type Pick } from './random.js';
import { STATEMENTS } from './statements.js';

const TYPES = [
  'application/json',
  'application/vnd.ksql.v1+json; charset=utf-8',
  'application/vnd.ksqlapi.delimited.v1',
  'text/plain',
  '',
];

function body(pick: Pick): Record<string, unknown> {
  const statement = mutateText(oneOf(pick, STATEMENTS), pick);
  const fields: Record<string, unknown> = { ksql: statement, sql: statement, streamsProperties: {}, properties: {} };
  for (let changes = pick(3); changes > 0; changes--) {
    const name = oneOf(pick, [
      'ksql',
      'sql',
      'streamsProperties',
      'properties',
      'sessionVariables',
      'commandSequenceNumber',
      'queryId',
      'target',
    ]);
    fields[name] =
      pick(2) === 0
        ? oneOf(pick, ODD_VALUES)
        : { 'auto.offset.reset': oneOf(pick, ODD_VALUES), v: oneOf(pick, ODD_VALUES) };
  }
  return fields;
}

/** A POST of JSON over HTTP/1.1 that is right but for what it says. */
export function restRequest(pick: Pick): Buffer {
  const path = oneOf(pick, [
    '/ksql',
    '/ksql',
    '/query',
    '/query-stream',
    '/query-stream',
    '/close-query',
    '/inserts-stream',
    '/lag',
    '/heartbeat',
  ]);
  const json = JSON.stringify(body(pick));
  const text = Buffer.from(pick(4) === 0 ? mutateText(json, pick) : json);
  const type = oneOf(pick, TYPES);
  const accept = pick(2) === 0 ? `Accept: ${oneOf(pick, TYPES)}\r\n` : '';
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${accept}Content-Length: ${text.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), text]);
}
