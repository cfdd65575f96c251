import { KsqlServerError } from '@isobar/ksql-client';
import { parsePipelineObject } from '@isobar/pipeline';
import { describe, expect, it } from '@jest/globals';
import { StatementBatch } from './statement-batch.js';

const first = parsePipelineObject('a.sql', "-- readings\nCREATE STREAM a (x INT KEY)\n  WITH (KAFKA_TOPIC='t');\n");
const second = parsePipelineObject('b.sql', '-- why\n\nCREATE STREAM b AS\n  SELECT nope FROM a EMIT CHANGES;\n');
const refusal = (message: string, statementText?: string) =>
  new KsqlServerError({ status: 400, errorCode: 40001, message, statementText });

describe('StatementBatch', () => {
  it('maps a line of the request to file and line', () => {
    const batch = new StatementBatch([first, second], ['DROP STREAM b;']);
    expect(batch.text.split('\n')[7]).toContain('SELECT nope');
    const error = batch.fileError(refusal("Line: 8, Col: 10: SELECT column 'NOPE' cannot be resolved."));
    expect(error.message).toBe("b.sql:4:10: SELECT column 'NOPE' cannot be resolved.");
  });

  it.each([
    ['line 8:10: Syntax Error\nUnknown column', 'b.sql:4:10: Syntax Error\nUnknown column'],
    ['Invalid join. Line 8, Column 10: no such key', 'b.sql:4:10: Invalid join. no such key'],
  ])('names one place only: %j', (message, expected) => {
    const batch = new StatementBatch([first, second], ['DROP STREAM b;']);
    expect(batch.fileError(refusal(message)).message).toBe(expected);
  });

  it('finds the file by the statement when the message has no place', () => {
    const batch = new StatementBatch([first, second]);
    const error = batch.fileError(refusal('A does not exist.', 'CREATE STREAM B WITH (…) AS SELECT *'));
    expect(error).toMatchObject({ file: 'b.sql', place: { line: 3, column: 1 } });
  });

  it('says what helps where the file is right and the engine only answers questions', () => {
    const batch = new StatementBatch([first, second]);
    const message = 'This server only answers questions now (READ_ONLY=true).';
    expect(batch.fileError(refusal(message, first.sql)).reason).toBe(
      `${message} What the files say is deployed by a start without READ_ONLY; after that the mode can be turned on again.`,
    );
  });
});
