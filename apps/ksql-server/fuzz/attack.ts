import { stretchedMs } from '@isobar/local-stack/testing';
import { connect } from 'node:net';
import type { ApiOperation } from './api-operations.js';
import { apiRequests } from './api-requests.js';
import { undescribedStatus } from './described-status.js';
import { http1Bytes } from './http1-bytes.js';
import { http2Frames } from './http2-frames.js';
import { randomFrom, type Pick } from './random.js';
import { restRequest } from './rest-requests.js';
import { websocketFrames } from './websocket-frames.js';

const KINDS = ['http1', 'http2', 'websocket', 'rest', 'api'] as const;
export type Kind = (typeof KINDS)[number];
export const isKind = (word: string): word is Kind => KINDS.some((kind) => kind === word);

/** What ksql-server is sent. */
export const KSQL_KINDS: readonly Kind[] = ['http1', 'http2', 'websocket', 'rest'];
/** What a service that describes its operations is sent: half of it is about those. */
export const SERVICE_KINDS: readonly Kind[] = ['api', 'http1', 'api', 'http2', 'api', 'websocket'];

const generators = (operations: readonly ApiOperation[]): Readonly<Record<Kind, (pick: Pick) => Buffer>> => ({
  http1: http1Bytes,
  http2: http2Frames,
  websocket: websocketFrames,
  rest: restRequest,
  api: apiRequests(operations),
});

export interface AttackOptions {
  readonly port: number;
  /** In turn. */
  readonly kinds: readonly Kind[];
  /** What the kind `api` is about. */
  readonly operations?: readonly ApiOperation[];
  readonly seed: number;
  /** The first input, counted from 0: a part of an earlier attack can be repeated. */
  readonly from?: number;
  readonly runs: number;
  /** Must be answered all the time, whatever else comes. */
  readonly alivePath: string;
  onProgress?(done: number): void;
}

const AT_ONCE = 24;
const BATCH = 480;
/** A client that gets no answer in this time leaves; on a crowded machine it waits longer. */
const PATIENCE_MS = 300;
/** Neither may an input hold up everybody else longer than this. */
const ALIVE_MS = 10_000;

export interface AttackReport {
  /** How many inputs got an answer. */
  readonly answered: number;
  /** Of those in words of HTTP/1.1, how many had which status. */
  readonly statuses: ReadonlyMap<number, number>;
  /**
   * What no input may bring about: an answer that the server failed, that shows where it did, or that its description does not list. The
   * first few, each with its input.
   */
  readonly failures: readonly string[];
}

const FAILURES_MAX = 10;

/**
 * Sends inputs that depend on the seed and their number alone, each over a connection of its own, and looks all the time whether the
 * server still answers.
 * @throws Error with the numbers of the inputs after which the server answered no more
 */
export async function attack(options: AttackOptions): Promise<AttackReport> {
  const { kinds, operations = [], seed, from = 0, runs, port } = options;
  const generate = generators(operations);
  let answered = 0;
  const statuses = new Map<number, number>();
  const failures: string[] = [];
  const told = new Set<string>();
  const note = (number: number, bytes: Buffer, answer: string): void => {
    answered++;
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
    if (Number.isNaN(status)) return;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const request = bytes.toString('latin1');
    const undescribed = undescribedStatus(operations, request, status);
    if (status !== 500 && !STACK.test(answer) && (undescribed === undefined || told.has(undescribed))) return;
    if (undescribed !== undefined) told.add(undescribed);
    if (failures.length < FAILURES_MAX)
      failures.push(`input ${number}: ${printable(request)}\n   gave ${undescribed ?? ''} ${printable(answer)}`);
  };
  for (let start = from; start < from + runs; start += BATCH) {
    const end = Math.min(start + BATCH, from + runs);
    let next = start;
    const patienceMs = stretchedMs(PATIENCE_MS);
    const sender = async (): Promise<void> => {
      while (next < end) {
        const number = next++;
        const bytes = generate[kinds[number % kinds.length] ?? 'http1'](randomFrom(seed + number));
        const answer = await send(port, bytes, Math.floor(number / kinds.length) % 3 === 0, patienceMs);
        if (answer !== undefined) note(number, bytes, answer);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    await requireAlive(options, start, end);
    options.onProgress?.(end - from);
  }
  return { answered, statuses, failures };
}

const STACK = /\n?\s+at .+:\d+:\d+/;
const printable = (text: string): string => JSON.stringify(text.length > 700 ? `${text.slice(0, 700)}…` : text);

/** The first bytes that came back. Some clients end their side at once, the others wait. */
function send(port: number, bytes: Buffer, endsItsSide: boolean, patienceMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let answer: string | undefined;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      if (endsItsSide) socket.end(bytes);
      else socket.write(bytes);
    });
    const leave = (): void => void socket.destroy();
    const timer = setTimeout(leave, patienceMs);
    socket.on('data', (chunk: Buffer) => {
      answer ??= chunk.toString('latin1');
      // Some leave in the middle of an answer.
      setImmediate(leave);
    });
    socket.on('end', leave);
    socket.on('error', leave);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
  });
}

async function requireAlive({ port, alivePath, seed }: AttackOptions, start: number, end: number): Promise<void> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${alivePath}`, { signal: AbortSignal.timeout(ALIVE_MS) });
    await response.text();
    if (response.status !== 200) throw new Error(`it answers ${response.status}`);
  } catch (error) {
    throw new Error(
      `The server does not answer ${alivePath} after inputs ${start} to ${end - 1} of seed ${seed}. Repeat them with --seed ${seed} --from ${start} --runs ${end - start}.`,
      { cause: error },
    );
  }
}
