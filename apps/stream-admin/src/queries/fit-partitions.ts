import type { PipelineObject } from '@isobar/pipeline';
import { withPartitions } from '../sql/with-partitions.js';

/** One side of a join whose sides have different numbers of partitions. */
interface Side {
  readonly name: string;
  readonly partitions: number;
}

/** ksqlDB's words for it. */
const mismatchWords =
  /Can't join `(?<left>.+?)` with `(?<right>.+?)` since the number of partitions don't match\..*? partitions = (?<leftCount>\d+);.*? partitions = (?<rightCount>\d+)\./s;

/** Both sides, the one with fewer partitions first; undefined when the engine refuses something else. */
export function mismatchedSides(reason: string): readonly [Side, Side] | undefined {
  const found = mismatchWords.exec(reason)?.groups;
  if (found === undefined) return undefined;
  const left = { name: found['left'] ?? '', partitions: Number(found['leftCount']) };
  const right = { name: found['right'] ?? '', partitions: Number(found['rightCount']) };
  return left.partitions < right.partitions ? [left, right] : [right, left];
}

interface Pipeline {
  readonly objects: readonly PipelineObject[];
  /** Those that are replaced anyway. */
  readonly affected: readonly PipelineObject[];
  /** Numbers of partitions that were already chosen, by name. */
  readonly chosen: ReadonlyMap<string, number>;
  /** Topics whose number of partitions is declared elsewhere. */
  readonly isDeclared: (topic: string) => boolean;
}

/**
 * Which result gets another number of partitions, so that a join that was refused may be. What is replaced anyway goes first, then what has
 * fewer; each result is chosen once, so that asking again and again comes to an end.
 *
 * @returns undefined when the number of neither side is the pipeline's to choose
 */
export function chooseFit(
  [fewer, more]: readonly [Side, Side],
  { objects, affected, chosen, isDeclared }: Pipeline,
): Side | undefined {
  const wanted = [
    { name: fewer.name, partitions: more.partitions },
    { name: more.name, partitions: fewer.partitions },
  ];
  const possible = wanted.filter(({ name, partitions }) => {
    const object = objects.find((each) => each.name === name);
    if (object === undefined || !object.isQuery || chosen.has(name) || isDeclared(object.topic)) return false;
    return withPartitions(object, partitions) !== undefined;
  });
  return possible.find(({ name }) => affected.some((each) => each.name === name)) ?? possible[0];
}

/** What helps when nothing could be chosen. */
export function fixInWords(sides: readonly [Side, Side], objects: readonly PipelineObject[]): string {
  const [fewer, more] = sides;
  const own = objects.find(
    (object) =>
      sides.some(({ name }) => name === object.name) && object.isQuery && withPartitions(object, 1) === undefined,
  );
  if (own !== undefined) return `Correct PARTITIONS in ${own.file} and redeploy`;
  const topic = objects.find(({ name }) => name === fewer.name)?.topic ?? fewer.name;
  return `Give the topic ${topic} ${more.partitions} partitions, as the other side of the join has, and redeploy`;
}
