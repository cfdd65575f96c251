import { afterEach, expect, it } from '@jest/globals';
import { Writer } from '@platformatic/kafka';
import { BrokerRefusedError } from '../../ports/broker.js';
import { FakeNode } from '../../testing/fake-node.js';
import { KafkaBroker } from './kafka-broker.js';

// Kafka comes with no class that `create.topic.policy.class.name` could name, so a real broker refuses nothing by a policy here.

const CREATE_TOPICS = 19;
const POLICY_VIOLATION = 44;
const REASON = 'topics of this cluster need three replicas';

let node: FakeNode | undefined;
let broker: KafkaBroker | undefined;
afterEach(async () => {
  await broker?.close();
  node?.close();
});

it('a topic that a policy of the broker does not allow is refused at once, in the words of the policy', async () => {
  let requests = 0;
  node = new FakeNode(({ apiKey }) => {
    if (apiKey !== CREATE_TOPICS) throw new Error(`request ${apiKey} is not expected`);
    requests++;
    return Writer.create()
      .appendInt32(0)
      .appendArray(['t'], (writer, name) =>
        writer
          .appendString(name)
          .appendUUID(null)
          .appendInt16(POLICY_VIOLATION)
          .appendString(REASON)
          .appendInt32(-1)
          .appendInt16(-1)
          .appendArray<number>([], () => undefined),
      )
      .appendTaggedFields().buffer;
  });
  broker = new KafkaBroker({ bootstrap: [await node.listen()], clientId: 'spec' });
  const refused = broker.createTopics([{ topic: 't', partitions: 1, replicas: 1, config: {} }]);
  await expect(refused).rejects.toThrow(BrokerRefusedError);
  await expect(refused).rejects.toThrow(`create topics: ${REASON}`);
  expect(requests).toBe(1);
});
