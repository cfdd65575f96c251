import type { MadeTopic } from '../topics/declared-topics.js';
import type { EngineObject } from './engine-view.js';

/** The topics that queries write, with what reads each. */
export function madeTopics(objects: ReadonlyMap<string, EngineObject>): MadeTopic[] {
  const all = [...objects.values()];
  return all.flatMap(({ topic, query }) => {
    if (query === undefined) return [];
    const names = all.filter((each) => each.topic === topic).map(({ name }) => name);
    const readers = all.filter((each) => each.query?.sources.some((source) => names.includes(source)));
    const others = 'whoever reads it from its beginning finds what is left';
    const consequence =
      readers.length === 0
        ? others
        : `${readers.map(({ name }) => name).join(', ')} read it and go on with what is left; ${others}`;
    return [{ name: topic, consequence }];
  });
}
