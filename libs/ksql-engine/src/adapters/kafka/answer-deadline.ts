import type { Connection } from '@platformatic/kafka';
import { BrokerUnavailableError } from '../../ports/broker.js';

/** More than any timer of Node's takes: for the library's own deadlines, which must never come. */
export const NO_TIMEOUT_MS = 0x7fff_ffff;

/**
 * Ends a connection on which a request has waited for its answer for too long, as Kafka's own clients do: all that waits there fails
 * once, and is asked again on a new one.
 *
 * The library's own deadline fails the request alone and lets the connection live, which calls its callback a second time when the answer
 * comes or the connection ends. By then the place in the queue belongs to another request: that one gets the wrong outcome, or its start
 * is lost and the queue throws in the socket's callback, where nobody can catch it. So connections are made without that deadline.
 */
export function endWhenUnanswered(connection: Connection, limitMs: number): void {
  // Everybody who waits is told by other means; an 'error' that nobody hears would end the process.
  connection.on('error', () => undefined);
  const send = connection.send.bind(connection);
  connection.send = (apiKey, apiVersion, createPayload, parser, hasRequestTags, hasResponseTags, callback) => {
    let isAnswered = false;
    let isLate = false;
    const end = (): void => {
      if (isAnswered) return;
      isLate = true;
      connection.socket.destroy();
    };
    // When it was this process that slept, the answer lies in the socket and is read before `end` comes.
    const timer = setTimeout(() => setImmediate(end), limitMs);
    send(apiKey, apiVersion, createPayload, parser, hasRequestTags, hasResponseTags, (error, answer) => {
      isAnswered = true;
      clearTimeout(timer);
      const cause = error;
      callback(isLate ? new BrokerUnavailableError(`no answer within ${limitMs} ms`, { cause }) : error, answer);
    });
  };
}
