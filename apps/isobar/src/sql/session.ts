import type { StatementOptions } from '@isobar/ksql-client';

const quoted = "'((?:[^']|'')*)'";
const SET = new RegExp(String.raw`^SET\s+${quoted}\s*=\s*${quoted}\s*;$`, 'i');
const UNSET = new RegExp(String.raw`^UNSET\s+${quoted}\s*;$`, 'i');
const DEFINE = new RegExp(String.raw`^DEFINE\s+(\w+)\s*=\s*${quoted}\s*;$`, 'i');
const UNDEFINE = /^UNDEFINE\s+(\w+)\s*;$/i;
const unquote = (text: string | undefined): string => (text ?? '').replaceAll("''", "'");

/**
 * What SET and DEFINE said. A server forgets both with the request, so that the console keeps them and sends them with each one.
 */
export class SqlSession {
  private readonly properties = new Map<string, string>();
  private readonly variables = new Map<string, string>();

  constructor(properties: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(properties)) this.properties.set(name, value);
  }

  get options(): StatementOptions {
    return { properties: Object.fromEntries(this.properties), variables: Object.fromEntries(this.variables) };
  }

  /** Takes a statement that is of the session alone; undefined when it is not. The answer is what to print. */
  take(statement: string): string | undefined {
    const set = SET.exec(statement);
    if (set) return this.change(this.properties, unquote(set[1]), unquote(set[2]));
    const unset = UNSET.exec(statement);
    if (unset) return this.change(this.properties, unquote(unset[1]), undefined);
    const define = DEFINE.exec(statement);
    if (define) return this.change(this.variables, define[1] ?? '', unquote(define[2]));
    const undefine = UNDEFINE.exec(statement);
    if (undefine) return this.change(this.variables, undefine[1] ?? '', undefined);
    return undefined;
  }

  private change(values: Map<string, string>, name: string, value: string | undefined): string {
    if (value !== undefined) values.set(name, value);
    else if (!values.delete(name)) return `${name} was not set`;
    return value === undefined ? `${name} is unset` : `${name} = ${value}`;
  }
}
