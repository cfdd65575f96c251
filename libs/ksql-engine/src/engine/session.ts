import type { ParsedStatement } from '../syntax/ast/statement.js';

/** What a request brings along besides its text; SET, UNSET, DEFINE change it for the statements that follow. */
export interface RequestSession {
  readonly properties: Map<string, string>;
  readonly variables: Map<string, string>;
}

/** SET, UNSET, DEFINE and UNDEFINE act on the rest of their request. */
export function applySession({ statement }: ParsedStatement, session: RequestSession): void {
  if (statement.kind === 'setProperty') session.properties.set(statement.name, statement.value);
  else if (statement.kind === 'unsetProperty') session.properties.delete(statement.name);
  else if (statement.kind === 'defineVariable') session.variables.set(statement.name, statement.value);
  else if (statement.kind === 'undefineVariable') session.variables.delete(statement.name);
}
