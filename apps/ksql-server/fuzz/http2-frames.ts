import { mutateBytes } from './mutate.js';
import { oneOf, randomBytes, type Pick } from './random.js';

/*
 * frame   length (24 bit) type (8) flags (8) stream (32) payload
 * header  0x00 length name length value        literal, neither indexed nor Huffman-coded; names are shorter than 127 bytes
 */
const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const END_STREAM = 1;
const END_HEADERS = 4;

function frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream >>> 0, 5);
  return Buffer.concat([head, payload]);
}

const headerBlock = (headers: readonly (readonly [string, string])[]): Buffer =>
  Buffer.concat(
    headers.flatMap(([name, value]) => [
      Buffer.from([0, name.length]),
      Buffer.from(name),
      Buffer.from([value.length]),
      Buffer.from(value),
    ]),
  );

const PATHS = [
  '/info',
  '//',
  '/query-stream',
  '/inserts-stream',
  '/ksql',
  '/close-query',
  '',
  '*',
  '/ws/query',
  '/%zz',
];
const ODD_HEADERS: readonly (readonly [string, string])[] = [
  ['connection', 'keep-alive'],
  ['Upper', 'case'],
  [':path', '/twice'],
  [':unknown', 'x'],
  ['content-length', '5'],
  ['content-length', '-1'],
  ['te', 'trailers'],
  ['expect', '100-continue'],
  ['accept', 'application/json'],
  ['', 'no name'],
  ['host', 'elsewhere'],
];

function headersFrame(pick: Pick, stream: number): Buffer {
  const block = headerBlock([
    [':method', oneOf(pick, ['GET', 'POST', 'CONNECT', 'HEAD', 'OPTIONS', '', 'get'])],
    [':scheme', 'http'],
    [':authority', oneOf(pick, ['localhost', 'localhost', 'a:b:c', ''])],
    [':path', oneOf(pick, PATHS)],
    ...Array.from({ length: pick(3) }, () => oneOf(pick, ODD_HEADERS)),
  ]);
  return frame(HEADERS, oneOf(pick, [END_HEADERS, END_HEADERS | END_STREAM, 0, 0xff]), stream, block);
}

/** A connection of HTTP/2: the preface, and frames of which most are wrong. */
export function http2Frames(pick: Pick): Buffer {
  const frames = [PREFACE, frame(SETTINGS, 0, 0, Buffer.alloc(0))];
  for (let count = pick(8); count > 0; count--) {
    const stream = oneOf(pick, [1, 1, 3, 5, 0, 2, 0x7fffffff]);
    const kind = pick(4);
    if (kind === 0) frames.push(frame(pick(12), pick(256), stream, randomBytes(pick, pick(40))));
    else if (kind === 1) frames.push(frame(DATA, pick(2), stream, Buffer.from('{"target":"S"}\n{"A":1}\n')));
    else frames.push(headersFrame(pick, stream));
  }
  const bytes = Buffer.concat(frames);
  if (pick(3) !== 0) return bytes;
  return Buffer.concat([PREFACE, mutateBytes(bytes.subarray(PREFACE.length), pick)]);
}
