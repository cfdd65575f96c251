/** What a group has committed; offset -1: nothing yet. */
export type Committed = readonly {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}[];

/** Somebody may set offsets by hand, which no end of a topic tells of. */
const askAgainMs = 60_000;

/**
 * What groups have committed, asked for no oftener than it can have changed: a group that had read all of its inputs has nothing to commit
 * until one of them grows.
 */
export class CommittedOffsets {
  private readonly known = new Map<
    string,
    { readonly committed: Committed; readonly askedAtMs: number; ends?: string | undefined }
  >();

  constructor(private readonly ask: (groupId: string) => Promise<Committed>) {}

  /**
   * @param endsNow what tells one state of the inputs from another, given what was committed
   * @throws when no broker answers
   */
  async of(groupId: string, endsNow: (committed: Committed) => string): Promise<Committed> {
    const known = this.known.get(groupId);
    const isFresh = known !== undefined && performance.now() - known.askedAtMs < askAgainMs;
    if (isFresh && known.ends !== undefined && known.ends === endsNow(known.committed)) return known.committed;
    const committed = await this.ask(groupId);
    this.known.set(groupId, { committed, askedAtMs: performance.now() });
    return committed;
  }

  /** All of its inputs are read as far as this. */
  isDone(groupId: string, ends: string): void {
    const known = this.known.get(groupId);
    if (known !== undefined) known.ends = ends;
  }

  /** Forgets the groups that are no longer asked about. */
  keepOnly(groupIds: ReadonlySet<string>): void {
    for (const groupId of this.known.keys()) if (!groupIds.has(groupId)) this.known.delete(groupId);
  }
}
