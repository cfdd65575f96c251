import {
  isArray,
  isObject,
  JsonNumber,
  printExactJson,
  type ExactJson,
} from '../../../../libs/ksql-engine/conformance/exact-json.js';

/** Numbers and texts that depend on the machine or the moment; any value counts as equal. */
const VOLATILE_FIELDS = new Set([
  'kafkaClusterId',
  'kafka-cluster',
  'clusterStatistics',
  'clusterErrorStats',
  'statistics',
  'errorStats',
  'lastStatusUpdateMs',
  'updateTimeMs',
  'committedOffset',
  'consumerOffset',
  'logStartOffset',
  'logEndOffset',
  'currentOffsetPosition',
  'endOffsetPosition',
  'offsetLag',
  'topology',
  'executionPlan',
  'ksqlHostQueryStatus',
  'tasksMetadata',
  'sourceHost',
  // Which topics a query has committed offsets of is a matter of the moment.
  'topicSummaries',
]);
/** Texts whose wording is informative. */
const WORDING_FIELDS = new Set(['message', 'error', 'errorMessage', 'author']);
/** Lists whose order says nothing. */
const SET_FIELDS = new Set([
  'functions',
  'topics',
  'properties',
  'queries',
  'queryDescriptions',
  'sourceDescriptions',
  'readQueries',
  'writeQueries',
  'sourceConstraints',
  'queryOffsetSummaries',
  'overwrittenProperties',
  'defaultProperties',
  'streams',
  'tables',
  'sources',
  'activePartitions',
]);

/** No default here: the replay says where no Connect is. */
const GIVEN_PROPERTY = 'ksql.connect.url';

/** Times at or after this are the recording's own; earlier ones are event times that were given. */
const RECORDING_START_MS = 1_780_000_000_000;
const NOW_WINDOW_MS = 24 * 3_600_000;

const isMomentMs = (ms: number): boolean =>
  (ms >= RECORDING_START_MS && ms < RECORDING_START_MS + 50_000_000_000) || Math.abs(ms - Date.now()) < NOW_WINDOW_MS;

/** A text with query ids, times of the run and addresses replaced by placeholders. */
export function maskText(text: string): string {
  return text
    .replace(/transient_((?:(?!transient_)[A-Za-z0-9_-])*?)_\d+/gi, 'transient_$1_*')
    .replace(/\bquery_\d{10,}/g, 'query_*')
    .replace(/\b(CSAS|CTAS|CST)_([A-Za-z0-9_-]+?)_\d+\b/gi, '$1_$2_*')
    .replace(/_(CSAS|CTAS|CST)_([A-Za-z0-9_-]+?)_\d+(?=-)/gi, '_$1_$2_*')
    .replace(/INSERTQUERY_\d+/gi, 'INSERTQUERY_*')
    .replace(/(?<![\d.])\d{13}(?![\d.])/g, (digits) => (isMomentMs(Number(digits)) ? '<now>' : digits))
    .replace(/\b(?:localhost|127\.0\.0\.1):\d+|<server>|<broker>/g, '<address>')
    .replace(/rowtime: 2\d{3}\/[^,]*/g, (rowtime) => {
      const ms = Date.parse(`${rowtime.slice(9, 32).replaceAll('/', '-').replace(' ', 'T').trim()}Z`);
      return isMomentMs(ms) ? 'rowtime: <now>' : rowtime;
    });
}

export interface Masked {
  readonly tree: ExactJson;
  /** Texts whose wording may differ, in order of appearance. */
  readonly wordings: readonly string[];
}

/** A tree with everything volatile replaced, sets ordered and wordings taken out. */
export function maskTree(tree: ExactJson): Masked {
  const wordings: string[] = [];
  return { tree: mask(tree, '', wordings), wordings };
}

function mask(node: ExactJson, field: string, wordings: string[]): ExactJson {
  if (VOLATILE_FIELDS.has(field)) return '<any>';
  if (typeof node === 'string') {
    if (WORDING_FIELDS.has(field)) {
      wordings.push(maskText(node));
      return '<wording>';
    }
    if (field === 'consumerGroupId' && node.includes('transient')) return '<any>';
    return maskText(node);
  }
  if (node instanceof JsonNumber) {
    if (field === 'commandSequenceNumber') return node.text.startsWith('-') ? node : '<number>';
    return /^\d{13}$/.test(node.text) && isMomentMs(Number(node.text)) ? '<now>' : node;
  }
  if (isArray(node)) {
    const items = node.map((item) => mask(item, '', wordings));
    if (!SET_FIELDS.has(field)) return items;
    const compared = field === 'defaultProperties' ? items.filter((item) => item !== GIVEN_PROPERTY) : items;
    const byText = new Map(compared.map((item) => [printExactJson(item), item]));
    return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
  }
  if (isObject(node)) {
    // Values of server properties depend on the machine.
    const isProperty = node.has('scope') && node.has('level');
    const isFunction = node.get('@type') === 'describe_function' || node.has('argumentTypes') || node.has('isVariadic');
    const isStatusSuccess = node.get('status') === 'SUCCESS';
    const entries = [...node].map(([name, value]): [string, ExactJson] => [
      maskText(name),
      isProperty && name === 'value'
        ? '<any>'
        : isFunction && name === 'description'
          ? '<wording>'
          : isStatusSuccess && name === 'message' && typeof value === 'string'
            ? maskText(value)
            : mask(value, name, wordings),
    ]);
    return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }
  return node;
}
