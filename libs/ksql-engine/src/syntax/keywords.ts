/**
 * The words of the grammar. Their order is also the order in which an error message lists what it expected.
 * Words outside both lists (COUNT, VARCHAR, CROSS, …) are ordinary identifiers.
 */
const reservedWords = [
  'SELECT', 'FROM', 'AS', 'ALL', 'DISTINCT', 'WHERE', 'WITHIN', 'WINDOW', 'GROUP', 'BY', 'HAVING', 'LIMIT',
  'AT', 'OR', 'AND', 'IN', 'NOT', 'EXISTS', 'BETWEEN', 'LIKE', 'IS', 'NULL', 'TRUE', 'FALSE',
  'YEARS', 'MONTHS', 'DAYS', 'HOURS', 'MINUTES', 'SECONDS', 'MILLISECOND', 'MILLISECONDS',
  'TUMBLING', 'HOPPING', 'SIZE', 'ADVANCE', 'RETENTION',
  'CASE', 'WHEN', 'THEN', 'ELSE', 'END', 'JOIN', 'FULL', 'OUTER', 'INNER', 'LEFT', 'RIGHT', 'ON',
  'WITH', 'VALUES', 'CREATE', 'TABLE', 'TOPIC', 'STREAM', 'STREAMS', 'INSERT', 'DELETE', 'INTO',
  'DESCRIBE', 'EXTENDED', 'PRINT', 'CAST', 'LIST', 'TOPICS', 'QUERIES', 'TERMINATE', 'PAUSE', 'RESUME', 'DROP',
  'SAMPLE', 'PROPERTIES', 'BEGINNING', 'UNSET', 'CONNECTOR', 'CONNECTORS',
] as const; // prettier-ignore

const nonReservedWords = [
  'SHOW', 'TABLES', 'COLUMNS', 'COLUMN', 'PARTITIONS', 'FUNCTIONS', 'FUNCTION', 'SESSION', 'STRUCT', 'MAP', 'ARRAY',
  'PARTITION', 'INTEGER', 'DATE', 'TIME', 'TIMESTAMP', 'INTERVAL', 'ZONE', 'STRING', 'YEAR', 'MONTH', 'DAY', 'HOUR',
  'MINUTE', 'SECOND', 'EXPLAIN', 'ANALYZE', 'TYPE', 'TYPES', 'SET', 'RESET', 'IF', 'SOURCE', 'SINK', 'PRIMARY', 'KEY',
  'EMIT', 'CHANGES', 'FINAL', 'ESCAPE', 'REPLACE', 'ASSERT', 'ALTER', 'ADD', 'HEADER', 'HEADERS', 'GRACE', 'PERIOD',
  'DEFINE', 'UNDEFINE', 'VARIABLES', 'PLUGINS', 'SYSTEM', 'TIMEOUT', 'SCHEMA', 'SUBJECT', 'ID',
] as const; // prettier-ignore

/** Words that must be quoted to serve as a name. */
export const RESERVED_WORDS: ReadonlySet<string> = new Set<string>(reservedWords);
/** Words that have a meaning in some places and are plain names in all others. */
export const NON_RESERVED_WORDS: ReadonlySet<string> = new Set<string>(nonReservedWords);
/** Every word of the grammar, with its rank in lists of expected words. */
export const WORD_RANK: ReadonlyMap<string, number> = new Map(
  [...reservedWords, ...nonReservedWords].map((word, rank) => [word, rank]),
);
