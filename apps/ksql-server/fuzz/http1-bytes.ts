import { mutateBytes, mutateText } from './mutate.js';
import { oneOf, type Pick } from './random.js';

const METHODS = ['GET', 'POST', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'PUT', 'DELETE', 'PROPFIND', 'PRI', 'get', ''];
const TARGETS = [
  '/',
  '//',
  '/info',
  '/healthcheck',
  '/readyz',
  '/healthz',
  '/metrics',
  '/status/a',
  '/status/%zz',
  '/ws/query',
  '*',
].concat([
  '/is_valid_property/%00',
  'http://a/info',
  'http:///',
  '/info?a=%zz#%',
  '/../..',
  '/query',
  '/query-stream',
  '',
  'a:1',
  '/\u00e9',
]);
const HEADERS = [
  'Host: localhost',
  'Host: a:b:c',
  'Host:',
  'Connection: close',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Upgrade: h2c',
].concat(
  [
    'Content-Length: 3',
    'Content-Length: -1',
    'Content-Length: 1e9',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: gzip, chunked',
  ],
  [
    'Expect: 100-continue',
    'Expect: x',
    'Accept: */*;q=x',
    'Accept: ,;,',
    'Accept: application/json',
    'HTTP2-Settings: AAMAAABk',
    'Origin: null',
  ],
  [
    'Content-Type: application/json',
    'Content-Type: ;',
    'X: \u0000',
    ' folded',
    'no colon',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  ],
  [
    'Sec-WebSocket-Version: 13',
    'Authorization: Basic !!!',
    'Range: bytes=0-',
    'Trailer: a',
    'If-None-Match: *',
    'Accept-Encoding: zstd',
  ],
);
const BODIES = [
  '',
  'abc',
  '3\r\nabc\r\n0\r\n\r\n',
  'ffffffffff\r\n',
  '-1\r\n',
  '0\r\nA: b\r\n\r\n',
  '{',
  '{}',
  'GET /info HTTP/1.1\r\n\r\n',
];

/** One or more requests of HTTP/1.1, mostly wrong. */
export function http1Bytes(pick: Pick): Buffer {
  let text = '';
  for (let requests = 1 + pick(2); requests > 0; requests--) {
    const headers = Array.from({ length: pick(6) }, () => `${oneOf(pick, HEADERS)}\r\n`).join('');
    const version = oneOf(pick, ['HTTP/1.1', 'HTTP/1.1', 'HTTP/1.1', 'HTTP/1.0', 'HTTP/2.0', 'HTTP/9', '']);
    const host = pick(4) === 0 ? '' : 'Host: localhost\r\n';
    text += `${oneOf(pick, METHODS)} ${oneOf(pick, TARGETS)} ${version}\r\n${host}${headers}\r\n${oneOf(pick, BODIES)}`;
  }
  const bytes = Buffer.from(pick(3) === 0 ? mutateText(text, pick) : text, 'utf8');
  return pick(2) === 0 ? mutateBytes(bytes, pick) : bytes;
}
