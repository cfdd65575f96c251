/** A partition at one look. The end is asked for before what was taken. */
export interface PartitionLook {
  readonly name: string;
  /** Behind the last offset that was written, marks of transactions included. */
  readonly endOffset: bigint;
  /** Behind the last record that was taken; 0: none was. */
  readonly takenOffset: bigint;
  /** Goes up with each assignment to a member. */
  readonly generation: string;
}

interface Watched extends PartitionLook {
  readonly stillSinceMs: number;
  /** An end that was seen and is not known to be taken yet. */
  readonly awaited: { readonly atMs: number; readonly endOffset: bigint };
  /** What was written until then was taken. */
  readonly provedMs: number;
}

/** So old a proof may be: together with a look it stays below the time that a record may take from its source. */
const provedWithinMs = 7_500;
/** Longer than a group needs to notice that a member died and to give its partitions to others. */
const stillMs = 25_000;
/** What was seen before is no start of a silence when nobody has looked for so long. */
const oldMs = 10_000;

/**
 * Whether all that was written has been taken. Of a partition that is shown by what was taken, once it is behind an end that an earlier look saw:
 * so one that is written to all the time is known, too. Marks of transactions have offsets and are never taken, so at the end of a partition
 * there may be nothing more to take and yet no proof: then it counts when neither of the two moves for longer than a member that died would keep
 * its partitions, since what such a member had not read is waiting there.
 */
export class ReadProgress {
  private partitions = new Map<string, Watched>();
  private lookedMs = 0;

  /** @param isHindered this member is not at work: what is seen now is the start of nothing */
  look(nowMs: number, seen: readonly PartitionLook[], isHindered: boolean): void {
    const known = isHindered || nowMs - this.lookedMs > oldMs ? new Map<string, Watched>() : this.partitions;
    this.partitions = new Map(
      seen.map((partition) => [partition.name, watch(known.get(partition.name), partition, nowMs)]),
    );
    this.lookedMs = nowMs;
    if (isHindered) this.partitions.clear();
  }

  isCaughtUp(nowMs: number): boolean {
    const all = [...this.partitions.values()];
    return (
      all.length > 0 &&
      all.every(
        ({ provedMs, stillSinceMs }) => nowMs - provedMs <= provedWithinMs || this.lookedMs - stillSinceMs >= stillMs,
      )
    );
  }
}

function watch(before: Watched | undefined, seen: PartitionLook, nowMs: number): Watched {
  const { endOffset, takenOffset, generation } = seen;
  const isStill =
    before?.endOffset === endOffset && before.takenOffset === takenOffset && before.generation === generation;
  const awaited = before?.awaited ?? { atMs: nowMs, endOffset };
  const isProved = takenOffset >= awaited.endOffset;
  return {
    ...seen,
    stillSinceMs: isStill ? before.stillSinceMs : nowMs,
    awaited: isProved ? { atMs: nowMs, endOffset } : awaited,
    provedMs:
      takenOffset >= endOffset ? nowMs : isProved ? awaited.atMs : (before?.provedMs ?? Number.NEGATIVE_INFINITY),
  };
}
