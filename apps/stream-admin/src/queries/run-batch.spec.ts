import { expect, it } from '@jest/globals';
import { KsqlServerError } from '@isobar/ksql-client';
import { parsePipelineObject, SqlFileError } from '@isobar/pipeline';
import { JournalUnwritableError } from '../topics/write-entries.js';
import { PipelineState } from './pipeline-state.js';
import { RunBatch } from './run-batch.js';

const object = parsePipelineObject('high.sql', 'CREATE STREAM high AS SELECT * FROM readings EMIT CHANGES;');

/** @param full what cannot be written, because Kafka's disk is full */
function batch(full: readonly string[], refusal?: KsqlServerError) {
  const sent: string[] = [];
  const write = (what: string) => async (): Promise<void> => {
    if (full.includes(what)) throw new JournalUnwritableError('its disk is full');
  };
  const state = new PipelineState();
  const run = new RunBatch(
    {
      execute: async (text: string) => {
        if (refusal) throw refusal;
        sent.push(text);
        return [];
      },
    } as never,
    { forget: () => undefined, objects: async () => new Map([['HIGH', { statement: 'runs' }]]) } as never,
    { begin: write('begin'), write: write('write'), end: write('end') } as never,
    state,
  );
  return { run: run.run([object], 'created'), sent, state };
}

const unwritable = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

it('tells the engine nothing when it cannot be written beforehand what is going to be made', async () => {
  const { run, sent } = batch(['begin', 'write', 'end']);
  expect(await unwritable(run)).toMatchObject({ name: 'JournalUnwritableError', isAfterChange: false });
  expect(sent).toEqual([]);
});

it('says that it was done when it cannot be noted, and knows it', async () => {
  const { run, sent, state } = batch(['write', 'end']);
  expect(await unwritable(run)).toMatchObject({ name: 'JournalUnwritableError', isAfterChange: true });
  expect(sent).toHaveLength(1);
  expect(state.journal.get('HIGH')).toMatchObject({ runs: 'runs' });
});

it('is done when all but the end is written, which the next deployment finds out', async () => {
  await expect(batch(['end']).run).resolves.toBeUndefined();
});

it('names the refused file, whatever the journal takes', async () => {
  const refusal = new KsqlServerError({ status: 400, errorCode: 40001, message: 'no such column' });
  await expect(batch(['end'], refusal).run).rejects.toBeInstanceOf(SqlFileError);
});
