/** How something waits: in life on timers, in a simulation on time that is made. */
export interface Scheduler {
  /** Calls back once so many ms have passed. The answer takes the call back. */
  after(ms: number, action: () => void): () => void;
}

/** Ends after so many ms, or as soon as it is called off. */
export function sleep(scheduler: Scheduler, ms: number, callOff?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (callOff?.aborted === true) {
      resolve();
      return;
    }
    const takeBack = scheduler.after(ms, () => {
      callOff?.removeEventListener('abort', wake);
      resolve();
    });
    const wake = () => {
      takeBack();
      resolve();
    };
    callOff?.addEventListener('abort', wake, { once: true });
  });
}

/** Timers of the process. */
export const timers: Scheduler & {
  /** Calls back when everything else that is due has had its turn. */
  soon(action: () => void): void;
} = {
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
  soon: (action) => void setImmediate(action),
};
