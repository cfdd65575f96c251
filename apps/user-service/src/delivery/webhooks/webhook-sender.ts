import type { LookupAddress } from 'node:dns';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Delivery, Outcome, Sender, Target } from '../target.js';
import type { AddressRules } from './public-address.js';
import { signedHeaders } from './signature.js';
import { urlProblem } from './webhook-url.js';

/** From the look-up to the end of the answer. */
const timeoutMs = 15_000;
/** More of an answer is not read. */
const answerBytesMax = 64 * 1024;

export interface WebhookSenderOptions {
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

/**
 * Posts notices to webhooks, signed. The host is looked up and judged for each attempt, and connected to by the very addresses that were
 * judged, so that a name that changes its mind leads nowhere else; redirects are not followed, and of an answer only the status counts.
 */
export class WebhookSender implements Sender {
  private readonly timeoutMs: number;
  private readonly now: () => number;

  constructor(
    private readonly rules: AddressRules,
    options: WebhookSenderOptions = {},
  ) {
    this.timeoutMs = options.timeoutMs ?? timeoutMs;
    this.now = options.now ?? Date.now;
  }

  async send({ address, secret }: Target, { id, notice }: Delivery): Promise<Outcome> {
    const problem = urlProblem(address, this.rules);
    if (problem !== undefined || secret === null)
      return { kind: 'gone', because: `the address ${problem ?? 'has no secret'}` };
    const body = JSON.stringify(notice);
    const signal = AbortSignal.timeout(this.timeoutMs);
    try {
      const answer = await this.post(new URL(address), signedHeaders(secret, id, this.now(), body), body, signal);
      return outcomeOf(answer, this.now());
    } catch (error) {
      return { kind: 'failed', because: signal.aborted ? `no answer within ${this.timeoutMs} ms` : reasonOf(error) };
    }
  }

  private async post(
    url: URL,
    signed: Record<string, string>,
    body: string,
    signal: AbortSignal,
  ): Promise<Pick<IncomingMessage, 'statusCode' | 'headers'>> {
    const addresses = await unlessAborted(this.rules.addressesOf(url.hostname), signal);
    const options: RequestOptions = {
      method: 'POST',
      // One connection for one attempt: none is kept that was judged another time.
      agent: false,
      lookup: answering(addresses),
      signal,
      headers: {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'User-Agent': 'Isobar-Webhooks/1',
        ...signed,
      },
    };
    const answered = new Promise<Pick<IncomingMessage, 'statusCode' | 'headers'>>((resolve, reject) => {
      const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
        let bytes = 0;
        const done = (): void => resolve({ statusCode: response.statusCode, headers: response.headers });
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes <= answerBytesMax) return;
          done();
          response.destroy();
        });
        response.on('end', done);
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end(body);
    });
    // Node ends a connection that changes its protocol without a word, and then no abort is told either: the time limit is held here.
    return unlessAborted(answered, signal);
  }
}

/** Answers a look-up with what was looked up and judged before. */
const answering =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_host, options, callback) => {
    if (options.all === true) callback(null, [...addresses]);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family ?? 4);
  };

function unlessAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    work.then(resolve, reject);
  });
}

function outcomeOf(
  { statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>,
  nowMs: number,
): Outcome {
  if (statusCode >= 200 && statusCode < 300) return { kind: 'delivered' };
  if (statusCode === 410) return { kind: 'gone', because: 'answered 410 Gone' };
  const because =
    statusCode >= 300 && statusCode < 400
      ? `answered ${statusCode}: redirects are not followed`
      : `answered ${statusCode}`;
  const retryAfterMs = retryAfterOf(headers['retry-after'], nowMs);
  return { kind: 'failed', because, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

/** Seconds or a date (RFC 9110, 10.2.3). */
function retryAfterOf(text: string | undefined, nowMs: number): number | undefined {
  if (text === undefined) return undefined;
  const atMs = /^\d{1,9}$/.test(text) ? nowMs + Number(text) * 1_000 : Date.parse(text);
  return Number.isFinite(atMs) && atMs > nowMs ? atMs - nowMs : undefined;
}

const reasonOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined || code === 'ADDRESS_NOT_PUBLIC' ? message : `could not be reached (${code})`;
};
