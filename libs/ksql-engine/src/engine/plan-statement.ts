import type { ParsedStatement } from '../syntax/ast/statement.js';
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

/**
 * Validates and plans one statement against a catalog snapshot. Pure: nothing is created, started or written.
 *
 * @throws KsqlStatementError, ParseFailedError: the user's mistake, with the statement
 * @throws KsqlRequestError, RegistryRequiredError: mistakes that ksqlDB reports without the statement
 */
export function planStatement(parsed: ParsedStatement, context: EngineContext): PlannedStatement {
  const { statement, text } = parsed;
  return withStatementText(text, (): PlannedStatement => {
    switch (statement.kind) {
      case 'createSource':
        return planCreateSource(statement, text, context);
      case 'createAsSelect':
        return planCreateAsSelect(statement, text, context);
      case 'insertInto':
        return planInsertInto(statement, parsed, context);
      case 'insertValues':
        return planInsertValues(statement, context);
      case 'dropSource':
        return planDropSource(statement, text, context);
      case 'alterSource':
        return planAlterSource(statement, text, context);
      case 'createType':
        return planCreateType(statement, text, context);
      case 'dropType':
        return planDropType(statement, text, context);
      case 'query':
        return statement.query.emit === undefined
          ? planPullQuery(statement, context)
          : planPushQuery(statement, context);
      default:
        return { kind: 'other', statement: parsed };
    }
  });
}
