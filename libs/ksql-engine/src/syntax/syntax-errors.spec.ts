import { describe, expect, it } from '@jest/globals';
import { parseOne } from './parse.js';

const reserved = (word: string): string =>
  `"${word}" is a reserved keyword and it can't be used as an identifier. You can use it as an identifier by escaping it as '${word}' `;

describe('syntax errors', () => {
  it.each([
    // the first word
    ['FOO BAR;', '1:1', "Unknown statement 'FOO'\nDid you mean 'SHOW'?"],
    ['CRAETE STREAM X;', '1:1', "Unknown statement 'CRAETE'\nDid you mean 'CREATE'?"],
    // the end
    ['LIST STREAMS', '1:13', "missing ';' at '<EOF>'"],
    ['SELECT * FROM A UNION SELECT * FROM B;', '1:23', "missing ';' at 'SELECT'"],
    ['SELECT ', '1:8', `Syntax error at or near ";"\n'}', ']', or ')' is missing`],
    // several rules are possible
    ['CREATE STREAM', '1:14', "Syntax error at or near '<EOF>' at line 1:14"],
    ['SHOW NONSENSE;', '1:6', "Syntax error at or near 'NONSENSE' at line 1:6"],
    ['DROP A;', '1:6', "Syntax error at or near 'A' at line 1:6"],
    ['SELECT UCASE(NAME FROM A;', '1:19', "Syntax error at or near 'FROM' at line 1:19"],
    ['SELECT\n CAST(A AS NULL) FROM A;', '2:12', "Syntax error at or near 'NULL' at line 2:12"],
    ['SELECT A IS TRUE FROM A;', '1:13', "Syntax error at or near 'TRUE' at line 1:13"],
    // a word too many that would need quotes
    ['SELECT FROM A;', '1:8', reserved('FROM')],
    ['CREATE STREAM X (ID INT KEY, SELECT STRING);', '1:30', reserved('SELECT')],
    ['DESCRIBE FUNCTION CAST;', '1:19', reserved('CAST')],
    ['SELECT 1 + AS R FROM S;', '1:12', reserved('AS')],
    // few words are possible
    ['SELECT * FORM A;', '1:10', "Expecting {',', 'FROM'}"],
    ['SELECT 1 = 1 = TRUE FROM A;', '1:14', "Expecting {',', 'FROM'}"],
    ['SELECT * FROM A EMIT CHANGES EMIT CHANGES;', '1:30', "Expecting {';', 'LIMIT'}"],
    ['CREATE STREAM X-Y (ID INT KEY);', '1:16', "Expecting {';', '(', 'WITH'}"],
    ['SELECT * FROM A JOIN B EMIT CHANGES;', '1:24', "Expecting {'WITHIN', 'ON'}"],
    ['ALTER STREAM S DROP COLUMN A;', '1:16', "Expecting 'ADD'"],
    ['INSERT INTO S (ID) VALUES (1), (2);', '1:30', "Expecting ';'"],
    ["DEFINE 1a = 'x';", '1:8', 'Expecting IDENTIFIER'],
    ['DEFINE a = 5;', '1:12', 'Expecting STRING'],
    // too many words are possible for a list to help
    ['SELECT * FROM (SELECT * FROM A);', '1:15', ''],
    ["SELECT * FROM A WHERE N = 'abc;", '1:27', ''],
    ['SELECT * FROM A ORDER BY ID;', '1:23', ''],
    ['SELECT COUNT(*) FROM A WINDOW TUMBLING (SIZE 1 FORTNIGHT) GROUP BY N;', '1:48', ''],
  ])('%s', (text, place, detail) => {
    const [line, column] = place.split(':').map(Number);
    expect(() => parseOne(text)).toThrow(
      expect.objectContaining({
        message: `line ${place}: Syntax Error\n${detail}`,
        location: { line, column: (column ?? 0) - 1 },
        statementText: text,
      }),
    );
  });
});
