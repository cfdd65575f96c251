import type { PipelineObject } from '../files/pipeline-object.js';
import type { Cost } from './plan.js';
import type { World } from './world.js';

/** What filling an object anew reads: all that its sources hold. Offsets count, so markers of transactions do too. */
export function costOf(
  object: PipelineObject,
  objects: readonly PipelineObject[],
  { topics }: World,
  { recordsPerSecond }: { readonly recordsPerSecond?: number | undefined },
): Cost {
  const read = objects.filter(({ name }) => object.sources.includes(name)).map(({ topic }) => topics?.get(topic));
  const records = read.reduce((sum, topic) => sum + (topic?.records ?? 0), 0);
  const cut = read.reduce((sum, topic) => sum + (topic?.cut ?? 0), 0);
  return { records, cut, seconds: recordsPerSecond === undefined ? undefined : records / recordsPerSecond };
}
