/*
 * How high a tree may be. Two things depend on it:
 *
 * - whoever walks a tree may do so by recursion: `HEIGHT_MAX`;
 * - what was accepted once can be printed and parsed again, although printing sets operators in parentheses:
 *   `NESTING_MAX`. The first operand of an operator does not count there, since the parser takes a run of opening
 *   parentheses in one go. Everything else counts as twice the depth it may cost the parser.
 */
const HEIGHT_MAX = 600;
const NESTING_MAX = 400;

/** The member that a printed node begins with. */
const leading: Readonly<Record<string, string>> = {
  arithmetic: 'left',
  comparison: 'left',
  logical: 'left',
  join: 'left',
  isNull: 'operand',
  between: 'operand',
  in: 'operand',
  like: 'operand',
  subscript: 'base',
  dereference: 'base',
  structAll: 'base',
};

/** @param tokenCount of the text; no token adds more than 5 to the nesting (EXPLAIN adds 4) */
export function isWithinLimits(root: object, tokenCount: number): boolean {
  if (5 * tokenCount < NESTING_MAX) return true;
  const open: { node: object; height: number; nesting: number }[] = [{ node: root, height: 1, nesting: 0 }];
  for (let visited = open.pop(); visited !== undefined; visited = open.pop()) {
    const { node, height, nesting } = visited;
    if (height > HEIGHT_MAX || nesting > NESTING_MAX) return false;
    const isList = Array.isArray(node);
    const kind = 'kind' in node && typeof node.kind === 'string' ? node.kind : '';
    const first = leading[kind];
    const members: Iterable<[unknown, unknown]> = node instanceof Map ? node : Object.entries(node);
    for (const [name, member] of members) {
      if (typeof member !== 'object' || member === null) continue;
      const cost = name === first ? 0 : isList || Array.isArray(member) ? 1 : 2;
      open.push({ node: member, height: height + 1, nesting: nesting + cost });
    }
  }
  return true;
}
