import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { ServerLimits } from '../limits.js';

/** Node's counters of misbehaviour that end a connection. */
const BAD_FRAMES_MAX = 100;
const SESSION_MEGABYTES_MAX = 10;

/** HTTP/2 in clear text. It listens nowhere: connections are handed to it. */
export function createHttp2Server(limits: ServerLimits): Http2Server {
  const server = createServer({
    maxSessionMemory: SESSION_MEGABYTES_MAX,
    maxSessionInvalidFrames: BAD_FRAMES_MAX,
    maxSessionRejectedStreams: BAD_FRAMES_MAX,
    settings: { maxConcurrentStreams: limits.streamsPerConnection, maxHeaderListSize: limits.headerBytes },
  });
  server.on('session', (session) => endWhenIdle(session, limits.keepAliveMs));
  return server;
}

/** A connection that has no stream, or whose client never began one, ends as one of HTTP/1.1 does. */
function endWhenIdle(session: ServerHttp2Session, idleMs: number): void {
  let streams = 0;
  session.on('stream', (stream) => {
    streams++;
    stream.once('close', () => streams--);
  });
  session.setTimeout(idleMs, () => {
    if (streams === 0) session.destroy();
  });
}
