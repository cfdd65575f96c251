import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ProcessingLogEntry } from '@isobar/ksql-engine';
import pino from 'pino';
import { ProcessingLog } from './processing-log.js';

describe('the processing log', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('writes the first lines of each query and kind, and then how many were left out', () => {
    const lines: Record<string, unknown>[] = [];
    const stream = { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) };
    const log = new ProcessingLog(pino({}, stream));
    const entry = (queryId: string): ProcessingLogEntry => ({
      type: 'DESERIALIZATION_ERROR',
      queryId,
      message: 'no JSON',
      cause: ['a', 'b', 'c', 'd'],
    });
    for (let n = 0; n < 100_000; n++) log.append(entry('Q1'));
    log.append(entry('Q2'));
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatchObject({ queryId: 'Q1', msg: 'no JSON', cause: ['a', 'b', 'c'] });
    jest.advanceTimersByTime(10_000);
    expect(lines.slice(11)).toEqual([expect.objectContaining({ queryId: 'Q1', leftOut: 99_990 })]);
    log.append(entry('Q1'));
    expect(lines).toHaveLength(13);
    log.close();
    expect(lines).toHaveLength(13);
  });
});
