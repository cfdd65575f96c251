import { describe, expect, it } from '@jest/globals';
import { splitStatements } from './split-statements.js';

const texts = (script: string): readonly string[] => splitStatements(script).statements.map(({ text }) => text);

describe('cutting a script into statements', () => {
  it('cuts at semicolons and leaves blanks and comments between them out', () => {
    expect(texts(' SHOW STREAMS;\n-- next;\n/* ; */ SHOW TABLES ;')).toEqual(['SHOW STREAMS;', 'SHOW TABLES ;']);
  });

  it('does not cut inside texts, quoted names and comments', () => {
    const script = "SELECT 'a;''b' AS `x;y`, \"z;\" -- no; end\nFROM s;";
    expect(texts(script)).toEqual([script]);
  });

  it('knows the line that each statement begins on', () => {
    expect(splitStatements('\n\nSHOW STREAMS;\nSHOW\nTABLES;').statements.map(({ line }) => line)).toEqual([3, 4]);
  });

  it('gives back what has no end yet', () => {
    expect(splitStatements("SHOW STREAMS;\nSELECT 'it; goes on")).toMatchObject({
      statements: [{ text: 'SHOW STREAMS;' }],
      rest: { text: "SELECT 'it; goes on", line: 2 },
    });
    expect(splitStatements('SHOW STREAMS; -- all').rest).toBeUndefined();
    expect(splitStatements(';;').statements).toEqual([]);
  });
});
