import { describe, expect, it } from '@jest/globals';
import { placeInMessage } from './errors.js';

describe('placeInMessage', () => {
  it.each([
    ["line 1:30: Syntax Error\nExpecting {',', 'FROM'}", { line: 1, column: 30 }],
    [
      "Could not determine output schema … Line: 3, Col: 128: SELECT column 'NOPE' cannot be resolved.",
      { line: 3, column: 128 },
    ],
    ['Invalid Predicate: Line 1, Column 23: No applicable constructor', { line: 1, column: 23 }],
    ["Could not find STREAM/TABLE 'NOPE' in the Metastore", undefined],
  ])('%s', (message, place) => {
    expect(placeInMessage(message)).toEqual(place);
  });
});
