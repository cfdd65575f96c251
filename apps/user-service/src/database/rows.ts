import { Problem } from '@isobar/service-kit';

/** An id as a query takes it; what cannot be the id of a row becomes one that none has. */
export const rowId = (id: number): string => (id > 0 && id <= Number.MAX_SAFE_INTEGER ? String(id) : '0');

/** A page of what was found, with one more than `limit` asked for. */
export function pageOf<Row extends { readonly id: string }>(
  found: readonly Row[],
  limit: number,
): { items: readonly Row[]; nextCursor: number | null } {
  const items = found.slice(0, limit);
  return { items, nextCursor: found.length > limit ? Number(items.at(-1)?.id) : null };
}

interface Stamped {
  readonly updatedAtMs: number | null;
}

/** Each write of a row gives it a later time, so that tells one state of it from another. */
export const entityTag = ({ updatedAtMs }: Stamped): string => `"${updatedAtMs ?? 0}"`;

/** @throws Problem 412 when `If-Match` was sent and the row is no longer what the change was made from */
export function checkUnchanged(row: Stamped, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  const tag = entityTag(row);
  if (ifMatch.split(',').some((one) => one.trim() === tag)) return;
  throw new Problem(412, {
    type: 'changed-meanwhile',
    title: 'It was changed meanwhile',
    detail: `If-Match has ${ifMatch.slice(0, 100)}, and its ETag is ${tag} now: read it again and send the change with that.`,
  });
}
