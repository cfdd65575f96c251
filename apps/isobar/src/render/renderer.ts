import type { StackEvent, SystemEvent } from '@isobar/local-stack';
import { Changes, eventLine } from './plain.js';
import { LiveRows } from './live-rows.js';
import { failureLines } from './failure.js';
import { LastingOutput } from './lasting-output.js';
import { readyLines } from './ready.js';

const results = new LastingOutput(process.stdout);
const progress = new LastingOutput(process.stderr);

/** Shows a stack's events as they come. */
export interface Renderer {
  show(event: StackEvent): void;
  /** Leaves the terminal as a program should. */
  close(): void;
}

export interface RenderOptions {
  readonly output?: string;
  readonly plain?: boolean;
  /** The stack runs in another process, whose events are shown. */
  readonly isElsewhere?: boolean;
}

/** Rewriting rows on a terminal; one line per change elsewhere, in CI, or when asked; JSON lines on standard output when asked. */
export function createRenderer({ output, plain, isElsewhere = false }: RenderOptions): Renderer {
  if (output === 'ndjson')
    return { show: (event) => results.write(`${JSON.stringify(event)}\n`), close: () => undefined };
  const isTerminal = process.stderr.isTTY === true && !process.env['CI'] && plain !== true;
  return isTerminal ? new LiveRenderer(!isElsewhere) : new PlainRenderer(!isElsewhere);
}

class PlainRenderer implements Renderer {
  readonly #changes = new Changes();

  constructor(private readonly isHere: boolean) {}

  show(event: StackEvent): void {
    if (this.#changes.has(event)) progress.write(`${eventLine(event)}\n`);
    if (event.type === 'system') showOutcome(event, this.isHere);
  }

  close(): void {
    // Nothing is open.
  }
}

class LiveRenderer implements Renderer {
  readonly #rows = new LiveRows(process.stderr);

  constructor(private readonly isHere: boolean) {}

  show(event: StackEvent): void {
    this.#rows.take(event);
    if (event.type !== 'system' || event.state === 'starting') return;
    if (['ready', 'degraded', 'not ready', 'failed'].includes(event.state)) this.#rows.settle();
    if (showOutcome(event, this.isHere)) return;
    if (['ready', 'degraded', 'not ready', 'stopped'].includes(event.state)) progress.write(`${eventLine(event)}\n`);
  }

  close(): void {
    this.#rows.settle();
  }
}

/** Results go to standard output, failures to standard error. @returns whether it was one of them */
function showOutcome(event: SystemEvent, isHere: boolean): boolean {
  const isEndOfStart = event.state === 'ready' && event.addresses !== undefined;
  if (isEndOfStart) results.write(`${readyLines(event, isHere).join('\n')}\n`);
  if (event.failure !== undefined) progress.write(`${failureLines(event.failure).join('\n')}\n`);
  return isEndOfStart || event.failure !== undefined;
}
