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
