// HTTP/1.1 on node:http rather than fetch: the global fetch ends a body that is silent for five minutes, and a push
// query on a quiet stream is silent for longer than that.
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { KsqlError, KsqlServerError, KsqlTimeoutError, KsqlUnavailableError, serverError } from './errors.js';

export interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly accept?: string | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
  /** For a whole answer: until its last byte. For a stream: until its headers. */
  readonly timeoutMs: number;
  /** `always`: the call changes nothing. `before-arrival`: only when the server cannot have acted on it. */
  readonly retry: 'always' | 'before-arrival' | 'never';
}

export interface TransportOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How often a call is sent at most. */
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
}

export const mediaType = {
  json: 'application/vnd.ksql.v1+json',
  delimited: 'application/vnd.ksqlapi.delimited.v1',
} as const;

export class Transport {
  readonly #options: TransportOptions;
  readonly #base: URL;
  readonly #readAgent: Agent;
  readonly #freshAgent: Agent;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#base = new URL(options.url);
    const AgentOfScheme = this.#base.protocol === 'https:' ? HttpsAgent : Agent;
    this.#readAgent = new AgentOfScheme({ keepAlive: true });
    // A kept connection may be closed by the server just as it is used again; a change must not meet that doubt.
    this.#freshAgent = new AgentOfScheme({ keepAlive: false });
  }

  /** Sends the call and reads the whole answer as JSON (or text, where it is not JSON). Throws on any status but 200. */
  async json(call: Call): Promise<unknown> {
    return this.#withRetry(call, async () => {
      const deadline = AbortSignal.timeout(call.timeoutMs);
      const answer = await this.#open(call, deadline);
      try {
        return parseJsonOrText(await wholeText(answer));
      } catch (error) {
        throw this.#named(error, call, deadline);
      }
    });
  }

  /** Sends the call and returns the answer's body as a stream once its headers are there. */
  async stream(call: Call): Promise<IncomingMessage> {
    return this.#withRetry(call, async () => {
      const headersIn = new AbortController();
      const timer = setTimeout(() => headersIn.abort(new KsqlTimeoutError(call.path, call.timeoutMs)), call.timeoutMs);
      try {
        return await this.#open(call, headersIn.signal);
      } finally {
        clearTimeout(timer);
      }
    });
  }

  close(): void {
    this.#readAgent.destroy();
    this.#freshAgent.destroy();
  }

  async #withRetry<T>(call: Call, send: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        if (attempt >= this.#options.attemptsMax || !mayRetry(call, error)) throw error;
        await delay(this.#options.retryDelayMs * 2 ** (attempt - 1), undefined, { signal: call.signal });
      }
    }
  }

  async #open(call: Call, deadline: AbortSignal): Promise<IncomingMessage> {
    const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline;
    try {
      const answer = await this.#send(call, signal);
      if (answer.statusCode === 200) return answer;
      throw serverError(answer.statusCode ?? 0, parseJsonOrText(await wholeText(answer)));
    } catch (error) {
      throw this.#named(error, call, deadline);
    }
  }

  #send(call: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const url = new URL(call.path, this.#base);
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const payload = call.body === undefined ? undefined : Buffer.from(JSON.stringify(call.body));
    return new Promise((resolve, reject) => {
      const request = send(
        url,
        {
          method: call.method,
          agent: call.retry === 'always' ? this.#readAgent : this.#freshAgent,
          signal,
          headers: {
            ...this.#options.headers,
            ...(call.accept && { Accept: call.accept }),
            ...(payload && { 'Content-Type': mediaType.json, 'Content-Length': payload.byteLength }),
          },
        },
        resolve,
      );
      request.on('error', reject);
      request.end(payload);
    });
  }

  /** Gives a failure of the network the client's own class; the caller's own abort stays what it is. */
  #named(error: unknown, call: Call, deadline: AbortSignal): unknown {
    if (error instanceof KsqlError) return error;
    if (call.signal?.aborted) return call.signal.reason ?? error;
    if (deadline.aborted) return new KsqlTimeoutError(call.path, call.timeoutMs);
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
    return new KsqlUnavailableError(this.#base.origin, code, error);
  }
}

function mayRetry(call: Call, error: unknown): boolean {
  if (call.retry === 'never' || call.signal?.aborted) return false;
  if (error instanceof KsqlServerError) return error.retriable;
  if (error instanceof KsqlUnavailableError) return call.retry === 'always' || error.neverReached;
  return false;
}

async function wholeText(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function parseJsonOrText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
