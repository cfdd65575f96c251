/** Names of queries, which the recording server numbered otherwise than the server under test. */
const QUERY_ID =
  /transient_[A-Za-z0-9_-]+?_\d+|(?:CSAS|CTAS|CST)_[A-Za-z0-9_-]+?_\d+(?![A-Za-z0-9_])|INSERTQUERY_\d+/gi;

/** Pairs the recorded query ids with those of this run, as answers introduce them. */
export class QueryIds {
  readonly #ours = new Map<string, string>();

  /** Learns from a recorded answer and the one that stands for it: the n-th new id of a kind is the n-th of that kind here. */
  learn(recorded: string, actual: string): void {
    const [theirs, ours] = [idsByKind(recorded), idsByKind(actual)];
    const known = new Set([...this.#ours.values()].map((id) => id.toUpperCase()));
    for (const [kind, ids] of theirs) {
      const fresh = ids.filter((id) => !this.#ours.has(id.toUpperCase()));
      const candidates = (ours.get(kind) ?? []).filter((id) => !known.has(id.toUpperCase()));
      if (fresh.length !== candidates.length) continue;
      fresh.forEach((id, index) => this.pair(id, candidates[index]!));
    }
  }

  pair(recorded: string, actual: string): void {
    this.#ours.set(recorded.toUpperCase(), actual);
  }

  has(recorded: string): boolean {
    return this.#ours.has(recorded.toUpperCase());
  }

  /** A recorded text as it has to be sent to this server. */
  translate(text: string): string {
    return text.replace(QUERY_ID, (id) => {
      const ours = this.#ours.get(id.toUpperCase());
      if (ours === undefined) return id;
      return id === id.toLowerCase() ? ours.toLowerCase() : ours;
    });
  }
}

export const transientIds = (text: string): readonly string[] => text.match(/transient_[A-Za-z0-9_-]+?_\d+/g) ?? [];

function idsByKind(text: string): ReadonlyMap<string, readonly string[]> {
  const unique = new Map<string, string>();
  for (const [id] of text.matchAll(QUERY_ID)) if (!unique.has(id.toUpperCase())) unique.set(id.toUpperCase(), id);
  return Map.groupBy(unique.values(), (id) => id.toUpperCase().replace(/_\d+$/, ''));
}
