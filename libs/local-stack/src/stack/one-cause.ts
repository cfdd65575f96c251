/** `CSAS_NAME_7`, `CTAS_NAME_7`: the query that fills NAME. */
const queryId = /^C[ST]AS_(.+)_\d+$/;

/**
 * Whether others say already what a sentence says: which queries do not run. ksql-server tells it of the ids that it gave them; stream-admin,
 * which knows their files, tells of the same by their names, and what to do.
 *
 * @param others sentences beside it, that sentence itself possibly among them
 */
export function isSaidByOthers(sentence: string, others: readonly string[]): boolean {
  const list = /\d+ of \d+ queries do not run: (.*)$/s.exec(sentence)?.[1];
  if (list === undefined || /; and \d+ more$/.test(list)) return false;
  const names = [...list.matchAll(/(?:^|; )([^\s:]+): /g)].map(([, id = '']) => queryId.exec(id)?.[1]);
  return (
    names.length > 0 &&
    names.every((name) => name !== undefined && others.some((other) => other !== sentence && tellsOf(other, name)))
  );
}

const tellsOf = (sentence: string, name: string): boolean => new RegExp(`(^|[ ;:])${name} is [A-Z]+, `).test(sentence);
