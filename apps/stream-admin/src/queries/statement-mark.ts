import { tokenize } from '@isobar/pipeline';

/** Whether two texts in the engine's own spelling say the same: layout, case of bare words and comments are of no matter. */
export function isSameStatement(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

function canonical(statement: string): string {
  try {
    return JSON.stringify(
      tokenize('the engine', statement)
        .filter(({ text }) => text !== ';')
        .map(({ kind, text }) => (kind === 'word' ? ['name', text.toUpperCase()] : [kind, text])),
    );
  } catch {
    return statement;
  }
}
