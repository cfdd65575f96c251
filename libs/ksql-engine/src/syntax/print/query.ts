import type {
  Duration,
  Query,
  Relation,
  SelectItem,
  SourceRelation,
  WindowClause,
  WithinClause,
} from '../ast/statement.js';
import type { TimeUnit } from '../ast/expression.js';
import { UNIT_MS } from '../parse/window.js';
import { printExpression, printList } from './expression.js';
import { printIdentifier } from './identifier.js';

/** A query over several lines, as ksqlDB shows it: one line per select item (when there are several) and per clause. */
export function printQuery(query: Query): string {
  const clauses = [
    `SELECT${printSelect(query.select)}`,
    `FROM ${printRelation(query.from)}`,
    query.window && `WINDOW ${printWindow(query.window)} `,
    query.where && `WHERE ${printExpression(query.where)}`,
    query.groupBy && `GROUP BY ${printKeys(query.groupBy)}`,
    query.partitionBy && `PARTITION BY ${printKeys(query.partitionBy)}`,
    query.having && `HAVING ${printExpression(query.having)}`,
    query.emit && `EMIT ${query.emit}`,
    query.limit !== undefined && `LIMIT ${query.limit}`,
  ];
  return clauses.filter((clause) => clause).join('\n');
}

function printSelect(items: readonly SelectItem[]): string {
  const printed = items.map(printSelectItem);
  return printed.length === 1 ? ` ${printed.join()}` : printed.map((item) => `\n  ${item}`).join(',');
}

function printSelectItem(item: SelectItem): string {
  if (item.kind === 'all') return item.source === undefined ? '*' : `${printIdentifier(item.source)}.*`;
  const expression = printExpression(item.expression);
  return item.alias === undefined ? expression : `${expression} ${printIdentifier(item.alias)}`;
}

/** No expressions at all are written `()`. */
function printKeys(keys: Query['groupBy'] & object): string {
  return keys.length === 0 ? '()' : printList(keys);
}

function printRelation(relation: Relation): string {
  if (relation.kind === 'source') return printSource(relation);
  const type = relation.type === 'INNER' ? 'INNER JOIN' : `${relation.type} OUTER JOIN`;
  const within = relation.within === undefined ? '' : ` ${printWithin(relation.within)}`;
  const join = `${type} ${printSource(relation.right)}${within} ON (${printExpression(relation.on)})`;
  return `${printRelation(relation.left)}\n${join}`;
}

function printSource({ name, alias }: SourceRelation): string {
  return `${printIdentifier(name)} ${printIdentifier(alias)}`;
}

function printWithin(within: WithinClause): string {
  const before = printDuration(within.before, within.beforeMs);
  const after = printDuration(within.after, within.afterMs);
  const grace = within.graceMs === undefined ? '' : ` GRACE PERIOD ${printDuration(within.grace, within.graceMs)}`;
  return `WITHIN ${before === after ? before : `(${before}, ${after})`}${grace}`;
}

function printWindow(window: WindowClause): string {
  const { kind, advanceMs, retentionMs, graceMs } = window;
  const size = printDuration(window.size, window.sizeMs);
  const parts = [
    kind === 'SESSION' ? size : `SIZE ${size}`,
    advanceMs !== undefined && `ADVANCE BY ${printDuration(window.advance, advanceMs)}`,
    retentionMs !== undefined && `RETENTION ${printDuration(window.retention, retentionMs)}`,
    graceMs !== undefined && `GRACE PERIOD ${printDuration(window.grace, graceMs)}`,
  ];
  return `${kind} ( ${parts.filter((part) => part !== false).join(' , ')} )`;
}

/** As it was written; without that, in the biggest unit that gives a whole number. */
export function printDuration(written: Duration | undefined, ms: number): string {
  if (written !== undefined) return `${written.amount} ${written.unit}`;
  const units: readonly TimeUnit[] = ['DAYS', 'HOURS', 'MINUTES', 'SECONDS'];
  const unit = ms === 0 ? 'SECONDS' : (units.find((candidate) => ms % UNIT_MS[candidate] === 0) ?? 'MILLISECONDS');
  return `${ms / UNIT_MS[unit]} ${unit}`;
}
