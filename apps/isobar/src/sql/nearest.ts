/** Single-sign edits, or swaps of neighbours, that turn one word into the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (before[j - 2] ?? 0) + 1);
      current.push(best);
    }
    [before, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}

/** The candidates that a mistyped word may have meant, best first, at most three; case does not matter. */
export function nearest(word: string, candidates: Iterable<string>): string[] {
  const typed = word.toUpperCase();
  const farthest = Math.max(1, Math.floor(typed.length / 3));
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, edits: distance(typed, candidate.toUpperCase()) }))
    .filter(({ edits }) => edits > 0 && edits <= farthest)
    .toSorted((a, b) => a.edits - b.edits || a.candidate.localeCompare(b.candidate))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}
