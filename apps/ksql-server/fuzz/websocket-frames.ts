import { mutateBytes, mutateText } from './mutate.js';
import { oneOf, randomBytes, type Pick } from './random.js';
import { STATEMENTS } from './statements.js';

const CLOSE = 0x88;

function frame(pick: Pick): Buffer {
  const payload = randomBytes(pick, pick(20));
  const kind = oneOf(pick, [0x81, 0x82, 0x89, 0x8a, CLOSE, 0x01, 0x80, 0x83, 0xf1, pick(256)]);
  const length = oneOf(pick, [
    [0x80 | payload.length],
    [0x80 | payload.length],
    [payload.length],
    [0xfe, 0xff, 0xff],
    [0xff, 0, 0, 0, 0, 0, 1, 0, 0],
  ]);
  return Buffer.concat([Buffer.from([kind, ...length]), Buffer.alloc(4), payload]);
}

/** An upgrade to `/ws/query` with a query that is often broken, and frames of which most are wrong. */
export function websocketFrames(pick: Pick): Buffer {
  const request = JSON.stringify({ ksql: mutateText(oneOf(pick, STATEMENTS), pick).slice(0, 3_000) });
  const query = pick(3) === 0 ? mutateText(request, pick).slice(0, 3_000) : request;
  const path = oneOf(pick, ['/ws/query', '/ws/query', '/ws/query', '//', '/ws', '/']);
  const head = [
    `GET ${path}?request=${encodeURIComponent(query.toWellFormed())} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    `Sec-WebSocket-Version: ${oneOf(pick, ['13', '13', '13', '8', 'x'])}`,
    ...(pick(8) === 0 ? [] : ['Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']),
    ...(pick(8) === 0 ? ['Sec-WebSocket-Extensions: permessage-deflate; x="'] : []),
  ].join('\r\n');
  const bytes = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), ...Array.from({ length: pick(5) }, () => frame(pick))]);
  return pick(5) === 0 ? mutateBytes(bytes, pick) : bytes;
}
