import type { StackEvent } from '@isobar/local-stack';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

/** A change is a line, whatever it says. */
const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ').trim();

/** `15:30:11 connect waiting on=kafka:starting`. One line, no escape codes. */
export function eventLine(event: StackEvent): string {
  const time = event.ts.slice(11, 19);
  if (event.type === 'notice') return `${time} notice ${oneLine(event.text)}`;
  if (event.type === 'system') {
    const degraded = event.degraded?.length ? ` degraded=${JSON.stringify(event.degraded.join('; '))}` : '';
    const because = event.because?.length ? ` because=${JSON.stringify(event.because.join('; '))}` : '';
    return `${time} system ${event.state} ${seconds(event.elapsedMs)}${degraded}${because}`;
  }
  const words = [time, event.id, event.state];
  if (event.state !== 'waiting') words.push(seconds(event.elapsedMs));
  if (event.waitingOn.length > 0) words.push(`on=${event.waitingOn.join(',')}`);
  if (event.detail !== '') words.push(`detail=${JSON.stringify(event.detail)}`);
  return words.join(' ');
}

/** A part that stays as it is says something new each second, such as how long it waits; that often is enough. */
const samePauseMs = 10_000;

/** Tells which events are a change that is worth a line. */
export class Changes {
  readonly #shown = new Map<string, { readonly as: string; readonly atMs: number }>();

  has(event: StackEvent): boolean {
    if (event.type !== 'step') return true;
    const isWaiting = event.state === 'waiting';
    // A line for each new state of each blocker would hide the others; one for each new set of blockers is enough.
    const blockers = isWaiting ? event.waitingOn.map((blocker) => blocker.split(':')[0]).join() : '';
    const as = `${event.state} ${blockers}`;
    const atMs = Date.parse(event.ts);
    const before = this.#shown.get(event.id);
    if (before?.as === as && (isWaiting || atMs - before.atMs < samePauseMs)) return false;
    this.#shown.set(event.id, { as, atMs });
    return true;
  }
}
