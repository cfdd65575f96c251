import { timers } from '../ports/scheduler.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedScheduler } from './simulated-scheduler.js';

/*
 * Nothing waits for real time any more: what the engine takes from timers, from turns of the event loop and from `performance` comes from a
 * simulated scheduler, so that a seed repeats. Importing this takes them from the whole program, for one run at a time.
 */

let time = new SimulatedScheduler(new SeededRandom(0));
timers.after = (ms, action) => time.after(ms, action);
timers.soon = (action) => void time.after(0, action);
// Of this program alone: test files that run in one process share the object.
const simulated = Object.create(performance, { now: { value: () => time.nowMs() } }) as Performance;
Object.defineProperty(globalThis, 'performance', { value: simulated, configurable: true, writable: true });

/** The time of the run that begins. */
export function simulateTime(scheduler: SimulatedScheduler): void {
  time = scheduler;
}
