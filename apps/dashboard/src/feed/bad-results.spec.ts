import { describe, expect, it } from '@jest/globals';
import type { IncomingRecord } from '@isobar/kafka';
import { Metrics, Shutdown } from '@isobar/service-kit';
import { pino } from 'pino';
import { BadResults } from './bad-results.js';

describe('records of results that cannot be read', () => {
  it('are all counted, and garbage by the thousand does not fill the log', async () => {
    const lines: Record<string, unknown>[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    const metrics = new Metrics('dashboard');
    const shutdown = new Shutdown(log);
    const bad = new BadResults(['a', 'b', 'c'], log, metrics, shutdown);
    const record = (topic: string, offset: number) =>
      ({ topic, partition: 0, offset: String(offset) }) as IncomingRecord;
    for (let offset = 0; offset < 5_000; offset++) bad.note(record('a', offset), new Error('no JSON'));
    bad.note(record('b', 7), new Error('no JSON'));
    await shutdown.run();

    const told = lines.filter(({ topic }) => topic !== undefined);
    expect(told.filter(({ leftOut }) => leftOut === undefined)).toHaveLength(11);
    expect(told[0]).toMatchObject({ topic: 'a', partition: 0, offset: '0', err: { message: 'no JSON' } });
    expect(told.filter(({ leftOut }) => leftOut !== undefined)).toMatchObject([{ topic: 'a', leftOut: 4_990 }]);
    const { values } = await metrics.registry.getSingleMetric('dashboard_bad_records_total')!.get();
    expect(values.map(({ labels, value }) => [labels.topic, value])).toEqual([
      ['a', 5_000],
      ['b', 1],
      ['c', 0],
    ]);
  });
});
