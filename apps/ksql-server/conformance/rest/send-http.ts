import { request as http1Request } from 'node:http';
import { connect, type ClientHttp2Session } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import type { RecordedRequest } from './recording.js';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** False when the client ended it. */
  readonly hasEnded: boolean;
}

export interface SendOptions {
  readonly port: number;
  /** The client leaves when this says so about what has come so far; looked at whenever something came. */
  isEnough?(text: string): boolean;
  /** The client leaves after this time, ms. */
  readonly timeoutMs: number;
}

/** How long a client that has what it wanted stays, to see whether more comes than should. */
const LINGER_MS = 200;
/** Enough to tell pieces that come by themselves from those that come together. */
const PIECE_WAIT_MS_MAX = 200;

export async function sendHttp(request: RecordedRequest, options: SendOptions): Promise<Answer> {
  return request.httpVersion.startsWith('2') ? overHttp2(request, options) : overHttp1(request, options);
}

const bodyText = (request: RecordedRequest): string | undefined =>
  request.text ?? (request.body === undefined ? undefined : JSON.stringify(request.body));

function overHttp1(request: RecordedRequest, options: SendOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method, path, headers } = request;
    const sent = http1Request({ host: '127.0.0.1', port: options.port, method, path, headers, agent: false });
    sent.on('error', reject);
    sent.on('response', (response) => {
      const collector = new Collector(options, (text, hasEnded) => {
        resolve({ status: response.statusCode ?? 0, headers: textHeaders(response.headers), text, hasEnded });
        response.destroy();
      });
      response.on('data', (chunk: Buffer) => collector.add(chunk));
      response.on('end', () => collector.end(true));
      response.on('error', () => collector.end(false));
    });
    void write(request, sent).catch(reject);
  });
}

async function overHttp2(request: RecordedRequest, options: SendOptions): Promise<Answer> {
  const session = connect(`http://127.0.0.1:${options.port}`);
  try {
    return await onSession(session, request, options);
  } finally {
    session.destroy();
  }
}

/** One request as a stream of an open HTTP/2 connection. */
export function onSession(
  session: ClientHttp2Session,
  request: RecordedRequest,
  options: SendOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    session.on('error', reject);
    const lowerCase = Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]);
    const stream = session.request(
      { ':method': request.method, ':path': request.path, ...Object.fromEntries(lowerCase) },
      { endStream: false },
    );
    let headers: Record<string, string> = {};
    let status = 0;
    const collector = new Collector(options, (text, hasEnded) => {
      resolve({ status, headers, text, hasEnded });
      stream.close();
    });
    stream.on('response', (received) => {
      status = received[':status'] ?? 0;
      headers = textHeaders(received);
    });
    stream.on('data', (chunk: Buffer) => collector.add(chunk));
    stream.on('end', () => collector.end(true));
    stream.on('error', reject);
    void write(request, stream).catch(reject);
  });
}

async function write(
  request: RecordedRequest,
  target: { write(text: string): boolean; end(text?: string): unknown },
): Promise<void> {
  if (!request.writes) {
    target.end(bodyText(request));
    return;
  }
  for (const piece of request.writes) {
    if (piece.text !== undefined) target.write(piece.text);
    if (piece.waitMs !== undefined) await delay(Math.min(piece.waitMs, PIECE_WAIT_MS_MAX));
    if (piece.end) target.end();
  }
}

function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !name.startsWith(':'))
      .map(([name, value]) => [name, String(value)]),
  );
}

/** Gathers an answer until it ends, is enough, or takes too long. */
class Collector {
  readonly #chunks: Buffer[] = [];
  #isDone = false;
  readonly #deadline: NodeJS.Timeout;

  constructor(
    private readonly options: SendOptions,
    private readonly onDone: (text: string, hasEnded: boolean) => void,
  ) {
    this.#deadline = setTimeout(() => this.end(false), options.timeoutMs);
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    if (this.options.isEnough?.(this.#text())) setTimeout(() => this.end(false), LINGER_MS);
  }

  end(hasEnded: boolean): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#deadline);
    this.onDone(this.#text(), hasEnded);
  }

  #text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
