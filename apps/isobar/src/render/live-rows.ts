import { stepNames, type StackEvent, type StepEvent } from '@isobar/local-stack';
import { dim, duration, green, red, yellow } from './style.js';

const glyphs: Record<StepEvent['state'], string> = {
  waiting: '·',
  starting: '◔',
  slow: '▲',
  ready: '✔',
  done: '✔',
  unready: '▲',
  restarting: '▲',
  failed: '■',
  stopping: '◔',
  stopped: '○',
};

/** Rows that are rewritten in place on a terminal, below whatever was printed before; no alternate screen. */
export class LiveRows {
  readonly #steps = new Map<string, { event: StepEvent; seenAtMs: number }>();
  #drawn = 0;
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs = Date.now();

  constructor(private readonly terminal: NodeJS.WriteStream) {}

  take(event: StackEvent): void {
    if (event.type === 'notice') {
      this.#erase();
      this.terminal.write(` ${yellow('▲')} ${event.text}\n`);
    } else if (event.type === 'step') {
      this.#steps.set(event.id, { event, seenAtMs: Date.now() });
    } else {
      if (event.state === 'starting') this.#startedAtMs = Date.now();
      if (event.state === 'stopped') this.settle();
      return;
    }
    this.#draw();
    // Elapsed times go on while nothing changes.
    this.#timer ??= setInterval(() => this.#draw(), 500).unref();
  }

  /** Leaves the rows as they are and draws new ones below from now on. */
  settle(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#steps.size > 0) this.#draw();
    this.#drawn = 0;
    this.#steps.clear();
  }

  #draw(): void {
    const steps = [...this.#steps.values()].sort((a, b) => rowOrder(a.event.id) - rowOrder(b.event.id));
    const rows = steps.map(({ event, seenAtMs }) => this.#row(event, seenAtMs));
    const settled = [...this.#steps.values()].filter(({ event }) => ['ready', 'done'].includes(event.state)).length;
    rows.push(dim(` ${settled} of ${rows.length} · ${duration(Date.now() - this.#startedAtMs)} · Ctrl-C stops`));
    this.#erase();
    this.terminal.write(`${rows.join('\n')}\n`);
    this.#drawn = rows.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.terminal.write(`\u001b[${this.#drawn}A\u001b[0J`);
    this.#drawn = 0;
  }

  #row(event: StepEvent, seenAtMs: number): string {
    const isMoving = event.state === 'starting' || event.state === 'slow';
    const elapsedMs = event.elapsedMs + (isMoving ? Date.now() - seenAtMs : 0);
    const usual = isMoving && event.typicalMs !== undefined ? ` — usually ${duration(event.typicalMs)}` : '';
    const text = event.state === 'waiting' ? `for ${event.waitingOn.join(', ')}` : `${event.detail}${usual}`;
    const time = event.state === 'waiting' ? '' : duration(elapsedMs);
    const head = ` ${colour(event.state)(glyphs[event.state])} ${event.id.padEnd(14)} ${event.state.padEnd(11)}`;
    const room = Math.max(10, (this.terminal.columns ?? 80) - 30 - 11);
    return `${head} ${text.slice(0, room).padEnd(room)} ${time.padStart(9)}`;
  }
}

/** Checks and downloads first, then the flow. */
const rowOrder = (id: string): number => (stepNames as readonly string[]).indexOf(id);

function colour(state: StepEvent['state']): (text: string) => string {
  if (state === 'ready' || state === 'done') return green;
  if (state === 'failed') return red;
  return ['slow', 'unready', 'restarting'].includes(state) ? yellow : dim;
}
