import type { ParsedStatement, Statement } from '../syntax/ast/statement.js';
import type { EngineContext } from './engine-context.js';
import type { PlannedStatement } from './planned-statement.js';
import { withStatementText } from './statement-failure.js';
import { planAlterSource } from './statements/plan-alter-source.js';
import { planCreateAsSelect } from './statements/plan-create-as-select.js';
import { planCreateSource } from './statements/plan-create-source.js';
import { planDropSource } from './statements/plan-drop-source.js';
import { planInsertInto } from './statements/plan-insert-into.js';
import { planInsertValues } from './statements/plan-insert-values.js';
import { planPullQuery } from './statements/plan-pull-query.js';
import { planPushQuery } from './statements/plan-push-query.js';
import { planCreateType, planDropType } from './statements/plan-type.js';

type Kind = Statement['kind'];
type PlannerOf<K extends Kind> = (
  statement: Extract<Statement, { readonly kind: K }>,
  parsed: ParsedStatement,
  context: EngineContext,
) => PlannedStatement;

/** What changes nothing here is the server's to answer. */
const other = (_statement: Statement, parsed: ParsedStatement): PlannedStatement => ({
  kind: 'other',
  statement: parsed,
});

const planners: { readonly [K in Kind]: PlannerOf<K> } = {
  createSource: (statement, { text }, context) => planCreateSource(statement, text, context),
  createAsSelect: (statement, { text }, context) => planCreateAsSelect(statement, text, context),
  insertInto: planInsertInto,
  insertValues: (statement, _parsed, context) => planInsertValues(statement, context),
  dropSource: (statement, { text }, context) => planDropSource(statement, text, context),
  alterSource: (statement, { text }, context) => planAlterSource(statement, text, context),
  createType: (statement, { text }, context) => planCreateType(statement, text, context),
  dropType: (statement, { text }, context) => planDropType(statement, text, context),
  query: (statement, _parsed, context) =>
    statement.query.emit === undefined ? planPullQuery(statement, context) : planPushQuery(statement, context),
  print: other,
  explain: other,
  describeSource: other,
  describeSources: other,
  describeFunction: other,
  describeConnector: other,
  show: other,
  controlQuery: other,
  setProperty: other,
  unsetProperty: other,
  alterSystem: other,
  defineVariable: other,
  undefineVariable: other,
  createConnector: other,
  dropConnector: other,
  assertTopic: other,
  assertSchema: other,
  assertValues: other,
  assertTombstone: other,
  assertSource: other,
};

/** Whether the plan of a statement depends on the topics that there are. */
export const asksForTopics = ({ statement }: ParsedStatement): boolean => planners[statement.kind] !== other;

/**
 * Validates and plans one statement against a catalog snapshot. Pure: nothing is created, started or written.
 *
 * @throws KsqlStatementError, ParseFailedError: the user's mistake, with the statement
 * @throws KsqlRequestError, RegistryRequiredError: mistakes that ksqlDB reports without the statement
 */
export const planStatement: Planner = (parsed, context) =>
  withStatementText(parsed.text, () =>
    (planners[parsed.statement.kind] as PlannerOf<Kind>)(parsed.statement, parsed, context),
  );

export type Planner = (parsed: ParsedStatement, context: EngineContext) => PlannedStatement;
