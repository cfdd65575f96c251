import type { DataSource, FormatInfo, TopicInfo } from '../catalog/data-source.js';
import { formatColumn, formatSchema } from '../catalog/format-schema.js';
import type { Column } from '../catalog/schema.js';
import { KsqlError } from '../errors/sql-error.js';
import { quoteIdentifier } from '../types/format-type.js';
import { sameType } from '../types/sql-type.js';

/** A source may be replaced by one of the same kind and topic whose columns are the same, with more value columns at the end. */
export function requireUpgradeable(existing: DataSource, replacement: Omit<DataSource, 'statementText'>): void {
  const reasons: string[] = [];
  const compare = (property: string, before: string, after: string, detail = ''): void => {
    reasons.push(
      `DataSource '${quoteIdentifier(existing.name)}' has ${property} = ${before} which is not upgradeable to ${after}${detail}`,
    );
  };
  if (existing.kind !== replacement.kind) compare('type', `K${existing.kind}`, `K${replacement.kind}`);
  const [before, after] = [topicText(existing.topic), topicText(replacement.topic)];
  if (before !== after) compare('topic', before, after);
  const schemas = [formatSchema(existing.schema), formatSchema(replacement.schema)] as const;
  const keys = changedColumns(existing.schema.key, replacement.schema.key, true);
  const values = changedColumns(existing.schema.value, replacement.schema.value, false);
  const moreKeys = replacement.schema.key.length > existing.schema.key.length;
  if (keys.length > 0 || moreKeys) {
    const changed = keys.length > 0 ? keys : replacement.schema.key.slice(existing.schema.key.length);
    const list = changed.map((column) => formatColumn(column, true)).join(', ');
    compare(
      'schema',
      ...schemas,
      `. (Key columns must be identical. The following key columns are changed, missing or reordered: [${list}])`,
    );
  } else if (values.length > 0) {
    const list = values.map((column) => formatColumn(column, false)).join(', ');
    compare('schema', ...schemas, `. (The following columns are changed, missing or reordered: [${list}])`);
  }
  if (reasons.length > 0) throw new KsqlError(`Cannot upgrade data source: ${reasons.join('\n\tAND ')}`);
}

function changedColumns(before: readonly Column[], after: readonly Column[], exact: boolean): readonly Column[] {
  return before.filter((column, index) => {
    const other = after[index];
    return (
      other === undefined ||
      other.name !== column.name ||
      !sameType(other.type, column.type) ||
      (exact && other.header !== column.header)
    );
  });
}

function formatText({ format, properties }: FormatInfo): string {
  const list = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
  return `FormatInfo{format=${format}, properties={${list.join(', ')}}}`;
}

function topicText({ topic, keyFormat, valueFormat, window }: TopicInfo): string {
  const windowText =
    window === undefined
      ? 'Optional.empty'
      : `Optional[WindowInfo{type=${window.type}, size=${window.sizeMs === undefined ? 'Optional.empty' : `Optional[${window.sizeMs}]`}, emitStrategy=CHANGES}]`;
  return (
    `KsqlTopic{kafkaTopicName='${topic}', ` +
    `keyFormat=KeyFormat{format=${formatText(keyFormat)}, features=[${keyFormat.wrapping ?? ''}], window=${windowText}}, ` +
    `valueFormat=ValueFormat{format=${formatText(valueFormat)}, features=[${valueFormat.wrapping ?? ''}]}}`
  );
}
