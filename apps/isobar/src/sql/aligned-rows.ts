const CELL_WIDTH_MAX = 60;
const FIRST_ROWS = 200;

const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);

/**
 * Prints rows under their names in columns of equal width. The widths come from the rows that are there when the first are printed;
 * a later, wider cell pushes its neighbours aside.
 */
export class AlignedRows {
  private readonly pending: string[][] = [];
  private widths: number[] | undefined;

  constructor(
    private readonly names: readonly string[],
    private readonly print: (line: string) => void,
  ) {}

  add(cells: readonly string[]): void {
    this.pending.push(
      cells.map((cell) => (cell.length > CELL_WIDTH_MAX ? `${cell.slice(0, CELL_WIDTH_MAX - 1)}…` : cell)),
    );
    if (this.pending.length >= FIRST_ROWS) this.flush();
  }

  /** Prints what waits; the head before the first. */
  flush(): void {
    if (this.widths === undefined) {
      this.widths = this.names.map((name, i) =>
        Math.max(name.length, ...this.pending.map((cells) => cells[i]?.length ?? 0)),
      );
      this.print(this.line(this.names));
      this.print(this.widths.map((width) => '-'.repeat(width)).join('  '));
    }
    for (const cells of this.pending.splice(0)) this.print(this.line(cells));
  }

  private line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) => {
      const width = this.widths?.[i] ?? 0;
      return isNumber(cell) ? cell.padStart(width) : cell.padEnd(width);
    });
    return padded.join('  ').trimEnd();
  }
}
