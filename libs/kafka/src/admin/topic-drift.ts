import type { TopicDeclaration } from '@isobar/contracts';
import kafkajs, { type Admin } from 'kafkajs';

const { ConfigResourceTypes } = kafkajs;

/** What a broker uses where a declaration says nothing. */
const brokerDefaults = { 'cleanup.policy': 'delete' };

/** Where topics differ from their declarations, in words, by topic; only topics that do. */
export async function topicDrift(
  admin: Admin,
  declarations: readonly TopicDeclaration[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = declarations.map(({ name }) => name);
  const [{ topics }, { resources }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: names }),
    admin.describeConfigs({
      includeSynonyms: false,
      resources: declarations.map(({ name, config }) => ({
        type: ConfigResourceTypes.TOPIC,
        name,
        configNames: Object.keys({ ...brokerDefaults, ...config }),
      })),
    }),
  ]);
  const entries = declarations.map(({ name, partitions, config }): [string, readonly string[]] => {
    const found = topics.find((topic) => topic.name === name)?.partitions.length;
    const held = resources.find(({ resourceName }) => resourceName === name)?.configEntries ?? [];
    const settings = Object.entries({ ...brokerDefaults, ...config }).flatMap(([key, declared]) => {
      const value = held.find(({ configName }) => configName === key)?.configValue;
      return value === undefined || value === declared ? [] : [`${key} is ${value}, declared ${declared}`];
    });
    return [
      name,
      found === undefined || found === partitions
        ? settings
        : [`partitions is ${found}, declared ${partitions}`, ...settings],
    ];
  });
  return new Map(entries.filter(([, differences]) => differences.length > 0));
}
