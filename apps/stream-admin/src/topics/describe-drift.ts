/** What differs, topic by topic, and what to do about it. @param driftByTopic as `topicDrift` tells it */
export function describeDrift(driftByTopic: ReadonlyMap<string, readonly string[]>): string {
  const all = [...driftByTopic.values()].flat();
  const counts = all.flatMap((words) => {
    const found = /^partitions is (\d+), declared (\d+)$/.exec(words);
    return found === null ? [] : [Number(found[1]) - Number(found[2])];
  });
  const advice = [
    ...(counts.some((more) => more > 0)
      ? [
          'partitions cannot be taken away: declare as many in libs/contracts/src/topics.ts, and start queries that stopped anew with npx isobar queries redeploy NAME',
        ]
      : []),
    ...(counts.some((more) => more < 0) ? ['add the missing partitions with kafka-topics --alter --partitions'] : []),
    ...(all.length > counts.length
      ? ['set a setting back with kafka-configs --alter, or declare it in libs/contracts/src/topics.ts']
      : []),
  ];
  const differing = [...driftByTopic].map(([topic, differences]) => `${topic}: ${differences.join(', ')}`);
  return `settings differ from the declaration: ${differing.join('; ')} (${advice.join('; ')})`;
}
