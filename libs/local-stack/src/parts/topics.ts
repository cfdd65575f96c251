import { declaredTopics } from '@isobar/contracts';
import { ensureTopics, silentLog } from '@isobar/kafka';
import { stretchedMs } from '../crowding.js';
import type { Job } from '../part.js';

/** Creates the declared topics that do not exist yet. */
export const topicsJob = (kafkaBrokers: string): Job => ({
  name: 'topics',
  startsAfter: ['kafka'],
  async run() {
    const created = await ensureTopics(
      { brokers: [kafkaBrokers], clientId: 'isobar-topics', log: silentLog },
      declaredTopics,
      { signal: AbortSignal.timeout(stretchedMs(60_000)) },
    );
    return `${created.length} created, ${declaredTopics.length - created.length} kept`;
  },
});
