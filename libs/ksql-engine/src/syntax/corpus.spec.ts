import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { ParseFailedError } from '../errors/sql-error.js';
import { withoutPlaces } from '../testing/without-places.js';
import { parseOne, parseStatements } from './parse.js';
import { printStatement } from './print/statement.js';

/*
 * Whatever ksqlDB accepted has to parse, survive printing, and be refused in the same words where it refused it. The
 * statements lie beside the repository; without them this spec has nothing to do and says so.
 */
const shared = resolve(import.meta.dirname, '../../../../../shared');
const folders = ['ksqldb-cases', 'ksqldb-rest', 'ksqldb-expressions'].map((name) => join(shared, name));
const missing = folders.filter((folder) => !existsSync(folder));
if (missing.length > 0) process.stderr.write(`SKIPPED: no recorded statements in ${missing.join(', ')}\n`);
const describeWithCorpus = missing.length > 0 ? describe.skip : describe;

interface QttCase {
  readonly name: string;
  readonly statements: readonly unknown[];
  readonly format?: readonly string[];
  readonly expectedException?: { readonly type?: string; readonly message?: string };
  readonly expectedError?: { readonly message?: string };
}
interface RestStep {
  readonly kind: string;
  readonly request?: { readonly body?: { ksql?: unknown; sql?: unknown; sessionVariables?: Record<string, string> } };
  readonly response?: { readonly status: number; readonly body?: unknown };
}
interface Expressions {
  readonly statement: string;
  readonly cases: readonly { readonly sql: string; readonly error?: { readonly message: string } }[];
}

function jsonFiles(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Some files have comments; strings are matched first, so that what looks like a comment inside them stays. */
function readJson(file: string): unknown {
  const text = readFileSync(file, 'utf8');
  return JSON.parse(
    text.replace(/"(?:[^"\\]|\\.)*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (match) => (match[0] === '"' ? match : '')),
  );
}

function errorOf(text: string, variables = new Map<string, string>()): ParseFailedError | undefined {
  try {
    for (const { statement } of parseStatements(text, variables)) {
      const printed = printStatement(statement);
      const again = withoutPlaces(parseOne(printed).statement);
      // Jest's own comparison takes long; it is asked only for its report.
      if (!isDeepStrictEqual(again, withoutPlaces(statement))) expect(again).toEqual(withoutPlaces(statement));
    }
    return undefined;
  } catch (error) {
    if (error instanceof ParseFailedError) return error;
    throw error;
  }
}

const fullMessage = (error: ParseFailedError): string => `${error.message}\nStatement: ${error.statementText}`;
/** Refusals that syntax alone decides; types, names and properties are the analysis's business. */
const isSyntaxRefusal = (message: string): boolean => /^line \d+:\d+: Syntax Error/.test(message);

describeWithCorpus('the statements of the test cases', () => {
  const cases = missing.length > 0 ? [] : jsonFiles(join(shared, 'ksqldb-cases'));

  it.each(cases)('%s', (file) => {
    const { tests } = readJson(file) as { tests: readonly QttCase[] };
    for (const { name, statements, format, expectedException, expectedError } of tests) {
      const texts = statements.filter((statement) => typeof statement === 'string');
      const script = texts.join('\n').replaceAll('{FORMAT}', format?.[0] ?? 'JSON');
      const expected = expectedException ?? expectedError;
      // RQTT runs statement by statement, QTT the script as a whole.
      const error = file.includes('rqtt') ? texts.map((text) => errorOf(text)).find(Boolean) : errorOf(script);
      if (error === undefined) {
        if (isSyntaxRefusal(expected?.message ?? ''))
          throw new Error(`${name}: accepted, expected ${expected?.message}`);
        continue;
      }
      if (expected === undefined) throw new Error(`${name}: ${error.message}\n${script}`);
      expect(fullMessage(error)).toContain(expected.message ?? '');
    }
  });
});

describeWithCorpus('the requests of the recorded scenarios', () => {
  const files = missing.length > 0 ? [] : jsonFiles(join(shared, 'ksqldb-rest'));

  it('parse, or are refused in the recorded words', () => {
    let count = 0;
    for (const file of files) {
      const step = readJson(file) as RestStep;
      const body = step.request?.body;
      const sql = body?.ksql ?? body?.sql;
      if (step.kind !== 'http' || typeof sql !== 'string') continue;
      count++;
      const error = errorOf(sql, new Map(Object.entries(body?.sessionVariables ?? {})));
      const answer = step.response?.body;
      const message =
        answer !== undefined && answer !== null && 'message' in Object(answer) ? Object(answer).message : '';
      if (error !== undefined) expect(`${file}: ${String(message)}`).toContain(error.message);
      else if (isSyntaxRefusal(String(message))) throw new Error(`${file}: accepted, recorded ${String(message)}`);
    }
    expect(count).toBeGreaterThan(500);
  });

  it('are shown as recorded', () => {
    const shown = new Set<string>();
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, member] of Object.entries(value)) {
        if (typeof member !== 'string') collect(member);
        // Texts with an effective property or a line break were printed by the server, the others are what was sent.
        else if (['statementText', 'queryString', 'statement'].includes(name) && /CLEANUP_POLICY|\nEMIT/.test(member)) {
          shown.add(member);
        }
      }
    };
    for (const file of files) collect((readJson(file) as RestStep).response?.body);
    let count = 0;
    for (const text of shown) {
      const statements = parseStatements(text);
      // The text of an altered source is followed by its ALTER statements as they were sent.
      if (statements.length > 1) continue;
      count++;
      for (const { statement } of statements) expect(printStatement(statement)).toBe(text);
    }
    expect(count).toBeGreaterThan(200);
  });
});

describeWithCorpus('the recorded expressions', () => {
  it.each(missing.length > 0 ? [] : jsonFiles(join(shared, 'ksqldb-expressions')))('%s', (file) => {
    const { statement, cases } = readJson(file) as Expressions;
    for (const { sql, error } of cases) {
      // Places are compared only in the plain statement that most expressions were put into.
      const refused = errorOf(statement.replace('<sql>', () => sql));
      const recorded = error?.message ?? '';
      if (refused !== undefined && error === undefined) throw new Error(`${sql}: ${refused.message}`);
      if (refused === undefined && isSyntaxRefusal(recorded)) throw new Error(`${sql}: accepted, recorded ${recorded}`);
      if (refused !== undefined && statement.startsWith('SELECT')) expect(recorded).toContain(refused.message);
    }
  });
});
