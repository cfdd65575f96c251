import { connect } from 'node:net';

export interface RawRequest {
  readonly method: string;
  readonly target: string;
  readonly version?: '1.0' | '1.1';
  /** As they are sent, one after another; the same name may come twice. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | undefined;
}

export interface RawAnswer {
  /** Undefined when none came in time: something looked at the request, since a refusal comes at once. */
  readonly status: number | undefined;
  readonly text: string;
}

/** Sends a request byte by byte as written, which no HTTP client does with what is odd about it. */
export function exchange(port: number, request: RawRequest, timeoutMs: number): Promise<RawAnswer> {
  const { method, target, version = '1.1', headers, body = '' } = request;
  const lines = [`${method} ${target} HTTP/${version}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const finish = (): void => {
      socket.destroy();
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(text) ?? [];
      resolve({ status: status === undefined ? undefined : Number(status), text });
    };
    socket.setTimeout(timeoutMs, finish);
    socket.on('error', finish).on('close', finish);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (isWhole(text)) finish();
    });
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  });
}

/** Whether all of a short answer is there; of one without a length (a feed), its head is enough. */
function isWhole(text: string): boolean {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const [, length = '0'] = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head)) ?? [];
  return text.length >= head + 4 + Number(length);
}
