import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { serviceConfig } from './config/service-config.js';
import { runService } from './run-service.js';
import { Shutdown } from './shutdown/shutdown.js';

/** Its records find their way out, or not. */
let flush: () => void = () => undefined;

@Module({})
class ParcelModule {
  constructor(shutdown: Shutdown) {
    shutdown.register('producers', 'records', () => flush());
  }
}

describe('the exit code of a service', () => {
  const environment = { ...process.env };
  const events = ['SIGTERM', 'SIGINT', 'uncaughtException', 'unhandledRejection'] as const;
  const before = new Map(events.map((event) => [event, process.listeners(event as 'SIGTERM')]));

  afterEach(() => {
    process.env = { ...environment };
    for (const event of events)
      for (const listener of process.listeners(event as 'SIGTERM'))
        if (before.get(event)?.includes(listener) !== true) process.off(event, listener);
    jest.restoreAllMocks();
  });

  it.each<[string, number, () => void]>([
    ['0 when everything stopped', 0, () => undefined],
    [
      '1 when something could not stop in order: whoever supervises it must hear of what may be lost',
      1,
      () => {
        throw new Error('some are lost');
      },
    ],
  ])('is %s', async (_what, code, stop) => {
    flush = stop;
    Object.assign(process.env, { PORT: '0', LOG_LEVEL: 'silent' });
    const exited = new Promise<unknown>((resolve) => {
      jest.spyOn(process, 'exit').mockImplementation((given) => resolve(given) as never);
    });
    await runService({ name: 'parcels', module: ParcelModule, config: serviceConfig(0) });
    process.emit('SIGTERM');
    expect(await exited).toBe(code);
  });
});
