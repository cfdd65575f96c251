import { SqlFileError } from './sql-file-error.js';

/** The file beside the queries that declares their variables. */
export const variablesFile = 'variables.json';

/** What a variable may hold: a text or a name is put in as it is, inside of the quotes that stand around it. */
const kinds = {
  TEXT: { holds: (value: unknown) => typeof value === 'string', as: 'a text' },
  INTEGER: { holds: (value: unknown) => Number.isSafeInteger(value), as: 'a whole number' },
  DECIMAL: { holds: (value: unknown) => typeof value === 'number' && Number.isFinite(value), as: 'a number' },
  BOOLEAN: { holds: (value: unknown) => typeof value === 'boolean', as: 'true or false' },
  NAME: {
    holds: (value: unknown) => typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(value),
    as: 'the name of a stream, table or column',
  },
  DURATION: {
    holds: (value: unknown) => typeof value === 'string' && /^\d+ (MILLISECOND|SECOND|MINUTE|HOUR|DAY)S?$/i.test(value),
    as: 'a length of time such as 5 MINUTES',
  },
} as const;
type Kind = keyof typeof kinds;

interface Variable {
  readonly kind: Kind;
  readonly text: string;
}
/** By name. */
export type Variables = ReadonlyMap<string, Variable>;

/**
 * The variables of one environment. The file declares each with its kind and its default, and what is different in which environment:
 * `{ "variables": { "grace": { "type": "DURATION", "default": "1 MINUTE" } }, "environments": { "laptop": { "grace": "5 SECONDS" } } }`.
 *
 * @param environment undefined: the defaults
 * @throws SqlFileError when the file is not of this shape, a value is not of its kind, or the environment is not declared
 */
export function parseVariables(json: string, environment?: string): Variables {
  const refuse = (reason: string, instead: string): SqlFileError =>
    new SqlFileError(variablesFile, undefined, reason, instead);
  const shape = '{ "variables": { "name": { "type": "TEXT", "default": "…" } }, "environments": {} }';
  let file: unknown;
  try {
    file = JSON.parse(json);
  } catch (error) {
    throw refuse(`it is no JSON: ${(error as Error).message}`, shape);
  }
  if (!isObject(file) || !isObject(file['variables'])) throw refuse('it declares no variables', shape);
  const environments = file['environments'] ?? {};
  if (!isObject(environments)) throw refuse('environments is no object', shape);
  const declared = new Map<string, Variable>();
  const check = (name: string, kind: Kind, value: unknown, where: string): Variable => {
    if (!kinds[kind].holds(value))
      throw refuse(
        `${where} gives ${name} the value ${JSON.stringify(value)}, which is not ${kinds[kind].as}`,
        `a value of type ${kind}`,
      );
    return { kind, text: String(value) };
  };
  for (const [name, declaration] of Object.entries(file['variables'])) {
    const kind = isObject(declaration) ? declaration['type'] : undefined;
    if (!isObject(declaration) || typeof kind !== 'string' || !Object.hasOwn(kinds, kind))
      throw refuse(`the variable ${name} has no type that is known`, `one of ${Object.keys(kinds).join(', ')}`);
    declared.set(name, check(name, kind as Kind, declaration['default'], 'the default'));
  }
  for (const [each, values] of Object.entries(environments)) {
    if (!isObject(values)) throw refuse(`the environment ${each} is no object`, shape);
    for (const [name, value] of Object.entries(values)) {
      const variable = declared.get(name);
      if (variable === undefined)
        throw refuse(
          `the environment ${each} gives ${name} a value, which is not declared`,
          'declare it in variables first',
        );
      const checked = check(name, variable.kind, value, `the environment ${each}`);
      if (each === environment) declared.set(name, checked);
    }
  }
  if (environment !== undefined && !Object.hasOwn(environments, environment))
    throw refuse(
      `there is no environment ${environment}`,
      `one of ${Object.keys(environments).join(', ') || '(none is declared)'}`,
    );
  return declared;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// comment | block comment | 'string' | `name` or "name" | a variable | any other character
const pattern = /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|`(?:[^`]|``)*`|"(?:[^"]|"")*"|\$\{[^}\n]*\}|[\s\S]/g;

/**
 * Puts the values into the text of a file, on the same lines: `${name}`, also inside of quotes, which a value cannot end. Comments stay.
 *
 * @throws SqlFileError when a variable is not declared, or a text stands where no quotes are
 */
export function putVariables(file: string, sql: string, variables: Variables): string {
  const lookUp = (reference: string, index: number): Variable => {
    const name = reference.slice(2, -1);
    const variable = variables.get(name);
    if (variable !== undefined) return variable;
    const known = [...variables.keys()].join(', ') || '(none)';
    throw new SqlFileError(
      file,
      placeAt(sql, index),
      `the variable ${name} is not declared in ${variablesFile}`,
      `one of ${known}`,
    );
  };
  return sql.replace(pattern, (part: string, index: number) => {
    const [first = ''] = part;
    if (part.startsWith('${')) {
      const { kind, text } = lookUp(part, index);
      // Two signs beside one another would begin a comment.
      if (kind !== 'TEXT') return text.startsWith('-') && sql[index - 1] === '-' ? ` ${text}` : text;
      throw new SqlFileError(file, placeAt(sql, index), `${part} is a text and stands outside of quotes`, `'${part}'`);
    }
    if (part.length < 2 || !["'", '`', '"'].includes(first)) return part;
    return part.replace(/\$\{[^}\n]*\}/g, (reference, at: number) =>
      lookUp(reference, index + at).text.replaceAll(first, first + first),
    );
  });
}

function placeAt(sql: string, index: number) {
  const before = sql.slice(0, index).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
