import { describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runNwsSuite } from './nws-suite.js';

const recordings = fileURLToPath(new URL('../../../../../shared/nws', import.meta.url));
const isHere = existsSync(recordings);
if (!isHere) process.stderr.write(`SKIPPED: recorded weather answers are not at ${recordings}\n`);

describe('recorded weather answers', () => {
  (isHere ? it : it.skip)('become events that pass their schema, or classified errors', async () => {
    const results = await runNwsSuite(recordings);
    expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
    const reasonOf = (part: string) => results.find(({ name }) => name.includes(part))?.reason;
    expect(reasonOf('observations-latest/knyc')).toBe('1 events of weather-observation.v1');
    expect(reasonOf('forecast-hourly/new-york')).toBe('156 events of weather-forecast.v1');
    expect(reasonOf('forecast/new-york')).toBe('14 events of weather-forecast.v1');
    expect(reasonOf('alerts-active/honolulu')).toBe('3 events of weather-alert.v1');
    expect(reasonOf('alerts-active/new-york-none')).toBe('no event, as nothing is there');
    expect(reasonOf('errors/503-forecast-grid')).toContain('classified as no-forecast');
    expect(reasonOf('errors/404-invalid-point-london')).toContain('classified as outside-area');
    expect(reasonOf('observations-list/no-features')).toContain('classified as no-data');
    for (const { name, reason } of results)
      if (!name.includes('errors/') && !name.includes('no-features')) expect(reason).not.toContain('classified');
  });

  it('of which nothing is known are classified too', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nws-cases-'));
    try {
      await writeFile(join(folder, '403-access-denied.html'), '<HTML><H1>Access Denied</H1></HTML>');
      await writeFile(join(folder, 'half.json'), '{"properties": {');
      await writeFile(join(folder, 'empty.json'), '{"type":"Feature","properties":{}}');
      await writeFile(
        join(folder, 'nulls.json'),
        JSON.stringify({
          properties: { updateTime: '2019-01-01T00:00:00+00:00', periods: [{ temperature: null, windSpeed: null }] },
        }),
      );
      await writeFile(join(folder, '400.json'), JSON.stringify({ title: 'Bad', status: 400, parameterErrors: [] }));
      expect((await runNwsSuite(folder)).map(({ file, reason }) => `${file}: ${reason.split(':')[0]}`)).toEqual([
        '400.json: classified as bad-request',
        '403-access-denied.html: classified as blocked',
        'empty.json: classified as unusable-answer',
        'half.json: classified as server-fault',
        'nulls.json: classified as unusable-answer',
      ]);
      expect(await runNwsSuite(folder, 'half')).toHaveLength(1);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
