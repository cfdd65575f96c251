import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventsFile, isRunning, readState, stateFile, type StackEvent, type StackHome } from '@isobar/local-stack';
import type { ChildProcess } from 'node:child_process';
import type { ProcessIdentity } from '@isobar/local-stack';
import type { Renderer } from '../render/renderer.js';

/**
 * Shows the events that another process writes, from the beginning until its stack is ready or has failed.
 * @returns whether it got ready
 */
export async function followStart(
  home: StackHome,
  renderer: Renderer,
  supervisor: ProcessIdentity | ChildProcess,
): Promise<boolean> {
  // A supervisor that has just been started has not yet replaced the events of the run before; its own state comes after that.
  while (readState(stateFile(home))?.supervisor.pid !== supervisor.pid && isAlive(supervisor)) await sleep(20);
  for (let shown = 0; ; await sleep(100)) {
    const alive = isAlive(supervisor);
    const events = readEvents(home);
    // A start that is over is not played again.
    if (shown === 0)
      shown = Math.max(
        0,
        events.findLastIndex(({ type }) => type === 'system'),
      );
    for (const event of events.slice(shown)) {
      renderer.show(event);
      if (event.type === 'system' && event.state === 'ready') return true;
      if (event.type === 'system' && ['failed', 'stopping', 'stopped'].includes(event.state)) return false;
    }
    shown = events.length;
    if (!alive) {
      process.stderr.write(`isobar ended before it was ready; see ${home.logs}/isobar.log\n`);
      return false;
    }
  }
}

const isAlive = (supervisor: ProcessIdentity | ChildProcess): boolean =>
  'startTime' in supervisor ? isRunning(supervisor) : supervisor.exitCode === null && supervisor.signalCode === null;

/** The events that are complete. */
function readEvents(home: StackHome): StackEvent[] {
  // What follows the last line break is a line that is being written.
  return textOf(eventsFile(home))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as StackEvent);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
