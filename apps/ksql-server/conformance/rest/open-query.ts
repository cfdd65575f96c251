import { connect } from 'node:http2';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './send-http.js';
import { onSession, sendHttp } from './send-http.js';
import { answerLines } from './compare-answer.js';
import type { RecordedRequest } from './recording.js';
import { transientIds } from './query-ids.js';

const WAIT_MS = 10_000;

/** A push query that a recording kept open beside its steps. */
export interface OpenQuery {
  readonly queryId: string;
  /** The answer once it has ended, by itself or by the server. */
  readonly answer: Promise<Answer>;
}

const pushRequest = (sql: string, httpVersion: string): RecordedRequest => ({
  method: 'POST',
  path: '/query-stream',
  httpVersion,
  headers: { 'Content-Type': 'application/vnd.ksql.v1+json' },
  body: { sql, properties: { 'auto.offset.reset': 'earliest' } },
});

/** Opens a push query and waits for its header. */
export async function openQuery(sql: string, port: number): Promise<OpenQuery> {
  let seen = '';
  const answer = sendHttp(pushRequest(sql, '1.1'), {
    port,
    timeoutMs: WAIT_MS,
    isEnough: (text) => {
      seen = text;
      return false;
    },
  });
  await until(() => answerLines(seen).length >= 3);
  const [queryId] = transientIds(seen);
  if (queryId === undefined) throw new Error(`no push query began: ${seen}`);
  return { queryId, answer };
}

/** Opens a push query and closes it through the same HTTP/2 connection. */
export async function closeOnSameConnection(sql: string, port: number): Promise<{ close: Answer; query: Answer }> {
  const session = connect(`http://127.0.0.1:${port}`);
  try {
    let seen = '';
    const options = { port, timeoutMs: WAIT_MS };
    const query = onSession(session, pushRequest(sql, '2'), {
      ...options,
      isEnough: (text) => {
        seen = text;
        return false;
      },
    });
    await until(() => answerLines(seen).length >= 3);
    const close = await onSession(
      session,
      { method: 'POST', path: '/close-query', httpVersion: '2', headers: {}, body: { queryId: transientIds(seen)[0] } },
      options,
    );
    return { close, query: await query };
  } finally {
    session.destroy();
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MS;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error('the push query sent no rows');
    await delay(20);
  }
}
