import { parseStatements, type ParsedStatement } from '@isobar/ksql-engine';
import type { ServerLimits } from '../limits.js';

/**
 * The statements of a request.
 * @throws ParseFailedError, or KsqlError when there is more text than one request may bring
 */
export const parseRequest = (
  sql: string,
  variables: ReadonlyMap<string, string>,
  limits: ServerLimits,
): readonly ParsedStatement[] =>
  parseStatements(sql, variables, {
    charsMax: limits.statementChars,
    tokensMax: limits.statementTokens,
    statementsMax: limits.statements,
  });
