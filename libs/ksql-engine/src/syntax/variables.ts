import { KsqlError, ParseFailedError } from '../errors/sql-error.js';
import type { Token } from './token.js';

/** Names (any case) to values, as DEFINE or the request gave them. */
export type Variables = ReadonlyMap<string, string>;

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_@]*)\}/g;
/** What may stand where a name or a value is wanted: a plain or quoted name, a string, a boolean or a number. */
const NAME_OR_VALUE =
  /^(?:[A-Za-z_][A-Za-z0-9_@]*|`(?:[^`]|``)*`|"(?:[^"]|"")*"|'(?:[^']|'')*'|[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)$/;

const quotes: ReadonlyMap<string, string> = new Map([
  ['string', "'"],
  ['backquotedIdentifier', '`'],
  ['quotedIdentifier', '"'],
]);

/** The value of a variable; names are compared without case. */
function findVariable(variables: Variables, name: string): string | undefined {
  const exact = variables.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toUpperCase();
  for (const [key, value] of variables) if (key.toUpperCase() === wanted) return value;
  return undefined;
}

/** Whether a reference to a variable stands in one of the tokens. */
export function mentionsVariables(tokens: readonly Token[]): boolean {
  return tokens.some((token) => token.kind === 'variable' || (quotes.has(token.kind) && token.text.includes('${')));
}

/**
 * Puts the values of variables into the text of a statement. A value cannot change the statement around it: inside
 * quotes its quotes are doubled, elsewhere it has to be one name or one literal. Undefined variables stay as they are.
 *
 * @param offset where the statement starts in the text that the tokens count from
 * @throws ParseFailedError when a value cannot stand where it should
 * @throws KsqlError when the text would be longer than `charsMax`
 */
export function substituteVariables(
  text: string,
  tokens: readonly Token[],
  offset: number,
  variables: Variables,
  charsMax = Infinity,
): string {
  if (variables.size === 0) return text;
  let left = charsMax - text.length;
  const spend = (value: string): string => {
    left -= value.length;
    if (left >= 0) return value;
    throw new KsqlError(`With the values of its variables the statement has more than ${charsMax} characters.`);
  };
  let result = '';
  let copied = 0;
  for (const token of tokens) {
    const replaced = substituteToken(token, variables, text, spend);
    if (replaced === token.text) continue;
    result += text.slice(copied, token.offset - offset) + replaced;
    copied = token.end - offset;
  }
  return result + text.slice(copied);
}

function substituteToken(
  token: Token,
  variables: Variables,
  statement: string,
  spend: (value: string) => string,
): string {
  const quote = quotes.get(token.kind);
  if (quote !== undefined) {
    return token.text.replace(REFERENCE, (reference, name: string) => {
      const value = findVariable(variables, name);
      return value === undefined ? reference : spend(value.replaceAll(quote, quote + quote));
    });
  }
  if (token.kind !== 'variable') return token.text;
  const value = findVariable(variables, token.text.slice(2, -1));
  if (value === undefined) return token.text;
  if (!NAME_OR_VALUE.test(value)) {
    throw new ParseFailedError(
      `Got: '${value}'. The value of variable ${token.text} cannot stand here: ` +
        'it must be one name, or one literal (text in single quotes, a number, true or false).',
      statement,
      { line: token.line, column: token.column },
    );
  }
  return spend(value);
}
