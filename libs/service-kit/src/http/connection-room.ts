import type { Socket } from 'node:net';

/** Connections beyond the limit that are kept for tools; the oldest that asked nothing gives way to the next. */
const reserve = 256;

/**
 * Who is within the limit of connections and who is beyond it. Those beyond are there for the probes of health alone: whoever listens asks
 * `isBeyond` with each request, answers those and refuses the others, and ends the connection with its answer.
 */
export class ConnectionRoom {
  private readonly within = new Set<Socket>();
  private readonly beyond = new Set<Socket>();
  /** Those of `beyond` whose request is being answered. */
  private readonly answering = new WeakSet<Socket>();

  constructor(private readonly limit: number) {}

  /** A connection came. @returns the one that was closed for it, itself where there is none to close */
  take(socket: Socket): Socket | undefined {
    const isWithin = this.within.size < this.limit;
    let closed: Socket | undefined;
    if (!isWithin && this.beyond.size >= reserve) {
      closed = [...this.beyond].find((each) => !this.answering.has(each)) ?? socket;
      closed.destroy();
      this.beyond.delete(closed);
      if (closed === socket) return closed;
    }
    (isWithin ? this.within : this.beyond).add(socket);
    socket.once('close', () => {
      this.within.delete(socket);
      this.beyond.delete(socket);
    });
    return closed;
  }

  /** A request came. One that came when there was no room takes the room that there is now; one that stays beyond is answered first. */
  isBeyond(socket: Socket): boolean {
    if (!this.beyond.has(socket)) return false;
    if (this.within.size >= this.limit) {
      this.answering.add(socket);
      return true;
    }
    this.beyond.delete(socket);
    this.within.add(socket);
    return false;
  }

  all(): readonly Socket[] {
    return [...this.within, ...this.beyond];
  }
}
