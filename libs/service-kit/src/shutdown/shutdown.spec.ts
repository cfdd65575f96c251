import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Shutdown, stopPhases, type StopPhase } from './shutdown.js';

const fails = (): never => {
  throw new Error('it does not let go');
};
const hangs = (): Promise<never> => new Promise(() => undefined);

describe('an ordered stop', () => {
  const shutdown = (): Shutdown => new Shutdown(pino({ level: 'silent' }), 50);

  it('is clean when every step of every phase stopped', async () => {
    const stop = shutdown();
    for (const phase of stopPhases) stop.register(phase, phase, () => undefined);
    expect(await stop.run()).toBe(true);
  });

  it.each(
    stopPhases.flatMap((phase): [StopPhase, string, () => Promise<never> | never][] => [
      [phase, 'fails', fails],
      [phase, 'hangs', hangs],
    ]),
  )('is not clean when a step of the phase %s %s, and all others stop all the same', async (phase, _how, stopStep) => {
    const stop = shutdown();
    const stopped: string[] = [];
    for (const each of stopPhases) {
      stop.register(each, `before ${each}`, () => void stopped.push(`before ${each}`));
      if (each === phase) stop.register(each, 'bad', stopStep);
      stop.register(each, `after ${each}`, () => void stopped.push(`after ${each}`));
    }
    expect(await stop.run()).toBe(false);
    expect(stopped).toEqual(stopPhases.flatMap((each) => [`before ${each}`, `after ${each}`]));
  });

  it('happens once, whoever asks how often', async () => {
    const stop = shutdown();
    let count = 0;
    stop.register('producers', 'one', () => {
      count += 1;
      fails();
    });
    expect(await Promise.all([stop.run(), stop.run()])).toEqual([false, false]);
    expect(count).toBe(1);
  });
});
