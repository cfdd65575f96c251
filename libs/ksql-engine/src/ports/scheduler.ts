/** How something waits: in life on timers, in a simulation on time that is made. */
export interface Scheduler {
  /** Calls back once so many ms have passed. The answer takes the call back. */
  after(ms: number, action: () => void): () => void;
}

export function sleep(scheduler: Scheduler, ms: number): Promise<void> {
  return new Promise((resolve) => {
    scheduler.after(ms, resolve);
  });
}

/** Timers of the process. */
export const timers: Scheduler = {
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};
