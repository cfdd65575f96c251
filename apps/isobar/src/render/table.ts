import { withInvisibleEscaped } from '@isobar/contracts';

/** Aligned columns under their names; numbers to the right. */
export function table(names: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((value) => withInvisibleEscaped(String(value))));
  const widths = names.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const isNumber = names.map((_, column) => rows.length > 0 && rows.every((row) => typeof row[column] === 'number'));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, column) => (isNumber[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(names.map((name) => name.toUpperCase())), ...cells.map(line)].join('\n');
}

/** One line of at most `max` characters, since a table cell has no more. */
export function cell(text: string | null | undefined, max = 60): string {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}
