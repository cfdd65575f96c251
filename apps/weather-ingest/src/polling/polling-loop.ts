import type { SchedulerRegistry } from '@nestjs/schedule';
import type { Logger } from 'pino';

/** Runs a poll now and then every interval, one at a time; a failure of ours is logged and the next round comes all the same. */
export function startPollingLoop(options: {
  name: string;
  intervalMs: number;
  poll: () => Promise<void>;
  scheduler: SchedulerRegistry;
  log: Logger;
}): () => void {
  const { name, intervalMs, poll, scheduler, log } = options;
  let isRunning = false;
  const round = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    try {
      await poll();
    } catch (error) {
      log.error({ err: error }, `${name} failed`);
    } finally {
      isRunning = false;
    }
  };
  void round();
  scheduler.addInterval(
    name,
    setInterval(() => void round(), intervalMs),
  );
  return () => {
    if (scheduler.doesExist('interval', name)) scheduler.deleteInterval(name);
  };
}
