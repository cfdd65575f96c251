import { must } from '../../errors/assert.js';

/** The candidate with the fewest letters to insert, drop or replace; the first of equals. */
export function nearestWord(word: string, candidates: Iterable<string>): string {
  // Beyond this length each candidate is equally far, and the table would grow with the text.
  const wanted = word.toUpperCase().slice(0, 40);
  let nearest = '';
  let least = Infinity;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

/** Levenshtein's distance, row by row. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = must(previous[column - 1], 'cell') + (a[row - 1] === b[column - 1] ? 0 : 1);
      const dropped = must(previous[column], 'cell') + 1;
      const inserted = must(current[column - 1], 'cell') + 1;
      current.push(Math.min(replaced, dropped, inserted));
    }
    previous = current;
  }
  return must(previous[b.length], 'cell');
}
