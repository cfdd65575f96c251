import type { MadeTopic } from '../topics/declared-topics.js';
import type { EngineObject } from './engine-view.js';

/** The topics that queries write, with what reads each. */
export function madeTopics(objects: ReadonlyMap<string, EngineObject>): MadeTopic[] {
  const all = [...objects.values()];
  return all.flatMap((object) => {
    const { topic, query } = object;
    if (query === undefined) return [];
    const names = all.filter((each) => each.topic === topic).map(({ name }) => name);
    const readers = all.filter((each) => each.query?.sources.some((source) => names.includes(source)));
    const others = 'whoever reads it from its beginning finds what is left';
    const consequence =
      readers.length === 0
        ? others
        : `${readers.map(({ name }) => name).join(', ')} read it and go on with what is left; ${others}`;
    return [{ name: topic, consequence, whenDeleted: whenDeleted(object), told: toldLosses(object) }];
  });
}

/** What a query has written before it does not write again by itself. */
function whenDeleted({ name, kind }: EngineObject): string {
  const goesOn =
    kind === 'STREAM'
      ? 'its query goes on with what comes from now on'
      : 'its query goes on, and a row is in it again when it changes';
  return `${goesOn}; npx isobar queries redeploy ${name} computes all of it from what its sources still hold`;
}

function toldLosses({ name, query }: EngineObject): MadeTopic['told'] {
  const helps = {
    state: `npx isobar queries redeploy ${name} computes it anew from what its sources still hold`,
    records: 'its result stays without them: a redeployment does not find them either',
  };
  return (query?.errors ?? []).flatMap(({ atMs, message, loss }) =>
    loss === undefined ? [] : [{ atMs, words: `query ${name}: ${message}; ${helps[loss]}` }],
  );
}
