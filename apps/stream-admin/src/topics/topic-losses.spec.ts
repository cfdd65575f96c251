import { expect, it } from '@jest/globals';
import { Readiness, Shutdown } from '@isobar/service-kit';
import { TopicLosses } from './topic-losses.js';

it('keeps all that a query tells at one moment, each once however often it is told', () => {
  const logger = { error: () => undefined } as never;
  const shutdown = { register: () => undefined } as unknown as Shutdown;
  const readiness = { register: () => undefined } as unknown as Readiness;
  const losses = new TopicLosses(
    { brokers: ['127.0.0.1:1'], clientId: 'test', log: logger },
    logger,
    shutdown,
    readiness,
  );
  const atMs = Date.now();
  for (const words of ['partition 0', 'partition 1', 'partition 0']) losses.noteTold('t', atMs, words);
  expect(losses.of('t').map(({ consequence }) => consequence)).toEqual(['partition 0', 'partition 1']);
});
