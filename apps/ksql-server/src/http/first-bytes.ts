import type { Socket } from 'node:net';

const HTTP2_PREFACE = Buffer.from('PRI * HTTP/2.0');

/**
 * Finds out by the first bytes of a connection which protocol its client speaks, and puts them back. A client that does not say
 * enough within `timeoutMs` is let go; so are those that leave or break off before.
 */
export function readFirstBytes(
  socket: Socket,
  timeoutMs: number,
  decided: (protocol: 'http/1.1' | 'h2c') => void,
): void {
  let seen = Buffer.alloc(0);
  const drop = (): void => void socket.destroy();
  const timer = setTimeout(drop, timeoutMs);
  const onData = (chunk: Buffer): void => {
    seen = Buffer.concat([seen, chunk]);
    const compared = Math.min(seen.length, HTTP2_PREFACE.length);
    const isPreface = seen.subarray(0, compared).equals(HTTP2_PREFACE.subarray(0, compared));
    if (isPreface && compared < HTTP2_PREFACE.length) return;
    stop();
    socket.pause();
    socket.unshift(seen);
    decided(isPreface ? 'h2c' : 'http/1.1');
  };
  const stop = (): void => {
    clearTimeout(timer);
    socket.off('data', onData).off('end', drop).off('close', stop);
  };
  socket.on('data', onData).once('end', drop).once('close', stop);
}
