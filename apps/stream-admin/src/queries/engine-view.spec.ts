import { describe, expect, it } from '@jest/globals';
import { KsqlServerError, KsqlTimeoutError, type KsqlClient } from '@isobar/ksql-client';
import { EngineView } from './engine-view.js';

const viewOf = (answer: () => Promise<unknown>): EngineView =>
  new EngineView({
    listStreams: async () => [{ name: 'READINGS', type: 'STREAM', topic: 'readings' }],
    listTables: async () => [],
    listQueries: async () => [],
    describeQueries: async () => [],
    describe: answer,
  } as unknown as KsqlClient);

describe('the statement of a source', () => {
  it('is what the engine tells', async () => {
    const view = viewOf(async () => ({ statement: 'CREATE STREAM READINGS …' }));
    expect((await view.objects()).get('READINGS')?.statement).toBe('CREATE STREAM READINGS …');
  });

  it('is none when it has gone meanwhile', async () => {
    const gone = new KsqlServerError({ status: 400, errorCode: 40001, message: 'Could not find READINGS' });
    expect((await viewOf(() => Promise.reject(gone)).objects()).get('READINGS')?.statement).toBe('');
  });

  it.each([
    new KsqlTimeoutError('DESCRIBE', 4_000),
    new KsqlServerError({ status: 503, errorCode: 50304, message: 'Ask the leader' }),
    new KsqlServerError({ status: 500, errorCode: 50000, message: 'no broker answers' }),
  ])('is not known, and said to be changed by nobody, when the engine says nothing (%s)', async (failure) => {
    await expect(viewOf(() => Promise.reject(failure)).objects()).rejects.toThrow(failure.message);
  });
});
