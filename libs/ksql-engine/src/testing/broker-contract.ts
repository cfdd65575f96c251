import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { ContractTools, type BrokerCluster, type Promises } from './broker-contract/harness.js';
import { readerPromises } from './broker-contract/readers.js';
import { refusalPromises } from './broker-contract/refusals.js';
import { timePromises } from './broker-contract/time.js';
import { topicPromises } from './broker-contract/topics.js';
import { transactionPromises } from './broker-contract/transactions.js';

const SUBJECTS: Readonly<Record<string, Promises>> = {
  topics: topicPromises,
  readers: readerPromises,
  transactions: transactionPromises,
  refusals: refusalPromises,
  time: timePromises,
};

/** What `ports/broker.ts` promises, on any cluster that keeps offsets for `RETENTION_MS`. */
export function brokerContract(name: string, start: () => Promise<BrokerCluster>): void {
  describe(`${name} keeps the broker contract`, () => {
    let tools: ContractTools;
    beforeAll(async () => {
      tools = new ContractTools(name, await start());
    }, 120_000);
    afterAll(async () => {
      await tools?.cluster.stop();
    }, 60_000);

    for (const [subject, declare] of Object.entries(SUBJECTS)) {
      describe(subject, () => {
        declare((title, work) => {
          it(title, () => tools.cluster.run(() => work(tools)), 150_000);
        });
      });
    }
  });
}
