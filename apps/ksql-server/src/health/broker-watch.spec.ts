import { expect, it } from '@jest/globals';
import { BrokerWatch } from './broker-watch.js';

const LIMIT_MS = 50;

it('says in time that a broker is silent, asks it once however many want to know, and knows when it answers again', async () => {
  const asked: PromiseWithResolvers<string>[] = [];
  const clusterId = (): Promise<string> => {
    const question = Promise.withResolvers<string>();
    asked.push(question);
    return question.promise;
  };
  const watch = new BrokerWatch({ clusterId }, LIMIT_MS);
  const silent = `no broker answered within ${LIMIT_MS} ms`;
  expect(await Promise.all([watch.trouble(), watch.trouble()])).toEqual([silent, silent]);
  expect(await watch.trouble()).toBe(silent);
  expect(asked).toHaveLength(1);

  asked[0]?.resolve('c');
  await asked[0]?.promise;
  const again = watch.trouble();
  asked[1]?.resolve('c');
  expect(await again).toBeUndefined();

  const refused = watch.trouble();
  asked[2]?.reject(new Error('connection refused'));
  expect(await refused).toBe('no broker answers: connection refused');
  expect(asked).toHaveLength(3);
});
