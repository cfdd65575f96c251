import { parseStatements, type Statement } from '@isobar/ksql-engine';
import type { PipelineObject, Place } from '../files/pipeline-object.js';
import { tokenize } from '../files/tokenize.js';
import type { Finding, Rule } from './finding.js';

/** What one file says wrong by itself; its statement was read before. */
export function objectFindings(object: PipelineObject, files: ReadonlySet<string>): Finding[] {
  const statement = parseStatements(object.sql)[0]?.statement;
  const found: Finding[] = [];
  const find = (rule: Rule, place: Place | undefined, message: string, instead: string): void => {
    found.push({
      rule,
      file: object.file,
      line: place?.line ?? null,
      column: place?.column ?? null,
      message,
      instead,
    });
  };
  if (statement?.kind === 'createSource') checkSource(statement, object, find);
  if (statement?.kind === 'createAsSelect') {
    checkWindow(statement, object, find);
    checkJoins(statement.query.from, object, find);
    checkStar(statement, object, find);
    if (object.directives.budget === undefined)
      find('no-budget', object.place, `${object.name} says nothing of how many rows it writes`, '-- @budget 1');
    const tests = testsOf(object.file);
    if (!tests.some((test) => files.has(test)))
      find('no-test', object.place, `${object.name} has no test`, `${tests[0]} beside it`);
  }
  return found;
}

/** Where the test of a file may be: SQL for every server, or a spec that the build runs. */
export const testsOf = (file: string): readonly string[] =>
  ['.test.sql', '.spec.ts'].map((ending) => file.replace(/\.sql$/, ending));

type Find = (rule: Rule, place: Place | undefined, message: string, instead: string) => void;
type CreateSource = Extract<Statement, { readonly kind: 'createSource' }>;
type CreateAsSelect = Extract<Statement, { readonly kind: 'createAsSelect' }>;

function checkSource({ columns, properties, sourceKind }: CreateSource, object: PipelineObject, find: Find): void {
  const isKeyed = columns.some(({ constraint }) => constraint.kind === 'key' || constraint.kind === 'primaryKey');
  // Columns that a schema registry gives are not in the text.
  if (columns.length > 0 && !isKeyed) {
    const [first] = columns;
    find(
      'no-key',
      object.place,
      `${object.name} declares no key column`,
      `${first?.name.toLowerCase() ?? 'id'} VARCHAR ${sourceKind === 'TABLE' ? 'PRIMARY KEY' : 'KEY'}`,
    );
  }
  if (!properties.has('TIMESTAMP'))
    find(
      'no-event-time',
      wordAt(object, 'WITH') ?? object.place,
      `${object.name} does not say which column is its event time: the time of arrival counts`,
      "TIMESTAMP = 'measured_at' in WITH",
    );
}

function checkWindow({ query: { window } }: CreateAsSelect, object: PipelineObject, find: Find): void {
  if (window === undefined || window.graceMs !== undefined) return;
  find(
    'no-grace',
    wordAt(object, 'WINDOW'),
    'the window has no GRACE PERIOD: say how late a record may come',
    `WINDOW ${window.kind} (…, GRACE PERIOD 1 MINUTE)`,
  );
}

function checkJoins(relation: CreateAsSelect['query']['from'], object: PipelineObject, find: Find): void {
  if (relation.kind !== 'join') return;
  checkJoins(relation.left, object, find);
  if (relation.within === undefined || relation.within.graceMs !== undefined) return;
  find(
    'no-grace',
    wordAt(object, 'WITHIN'),
    'the join has no GRACE PERIOD: the engine takes 24 hours',
    'WITHIN 10 MINUTES GRACE PERIOD 1 MINUTE',
  );
}

function checkStar({ query }: CreateAsSelect, object: PipelineObject, find: Find): void {
  if (!query.select.some(({ kind }) => kind === 'all')) return;
  find(
    'star-at-boundary',
    wordAt(object, 'SELECT'),
    `${object.name} takes whatever columns its source has`,
    'the columns by name',
  );
}

function wordAt({ file, sql }: PipelineObject, word: string): Place | undefined {
  const token = tokenize(file, sql).find(({ kind, text }) => kind === 'word' && text.toUpperCase() === word);
  return token && { line: token.line, column: token.column };
}
