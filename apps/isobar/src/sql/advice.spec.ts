import { describe, expect, it } from '@jest/globals';
import { KsqlServerError } from '@isobar/ksql-client';
import { diagnose, diagnosisLines } from './advice.js';
import type { LiveNames } from './names.js';

const names: LiveNames = {
  streams: ['READINGS'],
  tables: ['HOTTEST'],
  columns: new Map([
    ['READINGS', ['SENSOR', 'TEMPERATURE']],
    ['HOTTEST', ['CITY', 'MAX_F']],
  ]),
  functions: ['COUNT', 'LATEST_BY_OFFSET'],
  queries: ['CTAS_HOTTEST_1'],
};
function shown(message: string, statement: string, firstLine = 1): string {
  const error = new KsqlServerError({ status: 400, errorCode: 40001, message });
  return diagnosisLines(diagnose(error, statement, names), statement, firstLine).join('\n');
}

describe('an error, its place, and what to type instead', () => {
  it('underlines the word at the place that the server names', () => {
    expect(shown('line 1:17: Syntax Error\nExpecting FROM', 'SELECT * READINGS WHEER x;')).toBe(
      [
        'error: line 1:17: Syntax Error',
        'Expecting FROM',
        '1 | SELECT * READINGS WHEER x;',
        '                    ^',
      ].join('\n'),
    );
  });

  it('counts lines from where the statement stands in its script', () => {
    expect(shown('line 2:1: Syntax Error', 'SELECT *\nFORM READINGS;', 7)).toBe(
      ['error: line 2:1: Syntax Error', '8 | FORM READINGS;', '    ^^^^', 'help: did you mean FROM?'].join('\n'),
    );
  });

  it('finds an unknown source and names the nearest that exists', () => {
    expect(shown('READING does not exist.', 'SELECT * FROM reading EMIT CHANGES;')).toBe(
      [
        'error: READING does not exist.',
        '1 | SELECT * FROM reading EMIT CHANGES;',
        '                  ^^^^^^^',
        'help: did you mean READINGS?',
      ].join('\n'),
    );
  });

  it('finds an unknown column and names the nearest of the sources that are read', () => {
    const text = shown(
      "Line: 1, Col: 8: SELECT column 'TEMPRATURE' cannot be resolved.",
      'SELECT temprature FROM readings EMIT CHANGES;',
    );
    expect(text).toContain('^^^^^^^^^^');
    expect(text).toContain('help: did you mean TEMPERATURE?');
  });

  it('writes out the statement with EMIT CHANGES where that is missing', () => {
    const message = "The `READINGS` table isn't queryable. To follow its changes add EMIT CHANGES.";
    expect(shown(message, 'SELECT * FROM readings;')).toContain(
      'help: add EMIT CHANGES to follow the changes:  SELECT * FROM readings EMIT CHANGES;',
    );
  });

  it('says that a semicolon is missing', () => {
    expect(shown("line 1:13: Syntax Error\nmissing ';' at '<EOF>'", 'SHOW STREAMS')).toContain(
      'help: end the statement with a semicolon',
    );
  });

  it('knows statements by their first word', () => {
    expect(shown('line 1:1: Syntax Error\nUnknown statement', 'SELCT * FROM readings;')).toContain(
      'help: did you mean SELECT?',
    );
  });

  it('leaves the statement out of the message', () => {
    expect(shown('Something is wrong.\nStatement: DROP STREAM x;', 'DROP STREAM x;')).toBe(
      'error: Something is wrong.',
    );
  });
});
