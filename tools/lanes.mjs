// What waits most of its time leaves a processor to others: stages run side by side, in lanes.
import { AsyncLocalStorage } from 'node:async_hooks';
import { totalmem } from 'node:os';

/** A whole stack, two brokers with the servers on them, and Jest around each. */
const twoLanesNeedBytes = 8e9;

/** @param {number} bytes memory of this machine, or what this process may have of it */
export const lanesFor = (bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity)) =>
  bytes < twoLanesNeedBytes ? 1 : 2;

const lane = new AsyncLocalStorage();

/** The name of the job that this runs for, while others may run beside it. */
export const ownJob = () => lane.getStore();

/**
 * Runs jobs, so many at once, each as soon as a lane is free, in their order. One that throws ends none of the others.
 *
 * @template T
 * @param {readonly (readonly [string, () => Promise<T>])[]} jobs with their names
 * @param {number} lanes
 * @returns {Promise<PromiseSettledResult<T>[]>} in the order of the jobs
 */
export async function inLanes(jobs, lanes) {
  const results = [];
  const waiting = [...jobs.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, [name, run]] = next;
      [results[index]] = await Promise.allSettled([lane.run(name, run)]);
    }
  };
  await Promise.all(Array.from({ length: lanes }, work));
  return results;
}

/**
 * Writes whole lines, each behind the name of its job while several run.
 *
 * @param {(text: string) => void} write
 * @param {string | undefined} name
 */
export function lineWriter(write, name) {
  let rest = '';
  const prefix = name === undefined ? '' : `[${name}] `;
  return {
    write(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop();
      for (const line of lines) write(`${prefix}${line}\n`);
    },
    end() {
      if (rest !== '') write(`${prefix}${rest}\n`);
      rest = '';
    },
  };
}
