import type { Response } from '../http/http-listener.js';
import type { ClientsTurnedAway } from '../http/turned-away.js';

/** What is handed to the connection in one go: a client that takes this much in the time it has is not too slow. */
const PIECE_CHARS = 64 * 1024;

/**
 * Writes an answer as fast as its client takes it: what the client has not taken is kept in one piece at most, and a client that takes
 * none for `slowReaderMs` is dropped and counted. Every method tells whether the client is still there.
 */
export class AnswerWriter {
  #isClosed = false;

  constructor(
    private readonly response: Response,
    private readonly slowReaderMs: number,
    private readonly turnedAway: Pick<ClientsTurnedAway, 'note'>,
  ) {
    // HTTP/2's compatible response does not say by itself that it is destroyed.
    response.once('close', () => (this.#isClosed = true));
  }

  async write(text: string): Promise<boolean> {
    for (let from = 0; from < text.length; from += PIECE_CHARS) {
      if (this.#isGone) return false;
      if (this.response.write(text.slice(from, from + PIECE_CHARS))) continue;
      await this.#wait((done) => {
        this.response.once('drain', done);
        return () => this.response.off('drain', done);
      });
    }
    return !this.#isGone;
  }

  /** As one text, of which little is put together at a time. */
  async writeAll(texts: readonly string[]): Promise<boolean> {
    let piece = '';
    for (const text of texts) {
      piece += text;
      if (piece.length < PIECE_CHARS) continue;
      if (!(await this.write(piece))) return false;
      piece = '';
    }
    return this.write(piece);
  }

  /** Waits until the text has left, so that it does not share a frame with the next one. */
  async writeFrame(text: string): Promise<boolean> {
    if (this.#isGone) return false;
    if (text === '') return true;
    await this.#wait((done) => {
      this.response.write(text, done);
      return () => undefined;
    });
    return !this.#isGone;
  }

  get #isGone(): boolean {
    return this.#isClosed || this.response.destroyed || this.response.writableEnded;
  }

  /** Until `begin` says that it is done, the client leaves, or its time is over. */
  #wait(begin: (done: () => void) => () => void): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.response.off('close', done);
        stop();
        resolve();
      };
      const timer = setTimeout(() => {
        this.#isClosed = true;
        this.turnedAway.note('slow reader', this.response.req.socket.remoteAddress);
        this.response.destroy();
        done();
      }, this.slowReaderMs);
      this.response.once('close', done);
      const stop = begin(done);
    });
  }
}
