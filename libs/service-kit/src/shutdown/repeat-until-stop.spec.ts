import { expect, it } from '@jest/globals';
import { pino } from 'pino';
import { setTimeout as delay } from 'node:timers/promises';
import { repeatUntilStop } from './repeat-until-stop.js';
import { Shutdown } from './shutdown.js';

it('goes on after what fails, one at a time, and ends with the service', async () => {
  const shutdown = new Shutdown(pino({ level: 'silent' }));
  let [begun, underWay, mostAtOnce] = [0, 0, 0];
  const third = Promise.withResolvers<AbortSignal>();
  repeatUntilStop(shutdown, 'looks', 1, async (signal) => {
    begun += 1;
    underWay += 1;
    mostAtOnce = Math.max(mostAtOnce, underWay);
    await delay(5);
    underWay -= 1;
    if (begun === 1) throw new Error('away');
    if (begun === 3) third.resolve(signal);
  });
  const signal = await third.promise;
  await shutdown.run();
  expect(signal.aborted).toBe(true);
  await delay(10);
  const atTheStop = begun;
  await delay(30);
  expect([begun, mostAtOnce]).toEqual([atTheStop, 1]);
});
