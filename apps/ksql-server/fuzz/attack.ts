import { connect } from 'node:net';
import { http1Bytes } from './http1-bytes.js';
import { http2Frames } from './http2-frames.js';
import { randomFrom, type Pick } from './random.js';
import { restRequest } from './rest-requests.js';
import { websocketFrames } from './websocket-frames.js';

const GENERATORS = {
  http1: http1Bytes,
  http2: http2Frames,
  websocket: websocketFrames,
  rest: restRequest,
} satisfies Record<string, (pick: Pick) => Buffer>;
export type Kind = keyof typeof GENERATORS;
export const KINDS = Object.keys(GENERATORS) as readonly Kind[];

export interface AttackOptions {
  readonly port: number;
  readonly kinds: readonly Kind[];
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
/** A client that gets no answer in this time leaves. */
const PATIENCE_MS = 300;
/** Neither may an input hold up everybody else longer than this. */
const ALIVE_MS = 10_000;

/**
 * Sends inputs that depend on the seed and their number alone, each over a connection of its own, and looks all the time whether the
 * server still answers.
 * @returns how many inputs got an answer
 * @throws Error with the numbers of the inputs after which the server answered no more
 */
export async function attack(options: AttackOptions): Promise<{ readonly answered: number }> {
  const { kinds, seed, from = 0, runs, port } = options;
  let answered = 0;
  for (let start = from; start < from + runs; start += BATCH) {
    const end = Math.min(start + BATCH, from + runs);
    let next = start;
    const sender = async (): Promise<void> => {
      while (next < end) {
        const number = next++;
        const kind = kinds[number % kinds.length] ?? 'http1';
        const bytes = GENERATORS[kind](randomFrom(seed + number));
        if (await send(port, bytes, number % 3 === 0)) answered++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, sender));
    await requireAlive(options, start, end);
    options.onProgress?.(end - from);
  }
  return { answered };
}

/** Whether anything came back. Some clients end their side at once, the others wait. */
function send(port: number, bytes: Buffer, endsItsSide: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    let hasAnswer = false;
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => {
      if (endsItsSide) socket.end(bytes);
      else socket.write(bytes);
    });
    const leave = (): void => void socket.destroy();
    const timer = setTimeout(leave, PATIENCE_MS);
    socket.on('data', () => {
      hasAnswer = true;
      // Some leave in the middle of an answer.
      setImmediate(leave);
    });
    socket.on('end', leave);
    socket.on('error', leave);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(hasAnswer);
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
