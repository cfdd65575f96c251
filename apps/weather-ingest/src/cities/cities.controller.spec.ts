import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CityCatalog, readAllCities } from '@isobar/contracts';
import { createService, type RunningService } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../config.js';
import { NwsModule } from '../nws/nws.module.js';
import { CitiesModule } from './cities.module.js';

@Module({ imports: [CitiesModule, NwsModule] })
class CitiesAlone {}

describe('cities over REST', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cities-rest-'));
  const files = { file: join(folder, 'cities.json'), addedFile: join(folder, 'data', 'added.json') };
  let service: RunningService;

  const post = async (body: string, headers: Record<string, string> = {}) => {
    const init = { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body };
    const response = await fetch(`${service.url}/cities`, init);
    return { status: response.status, type: response.headers.get('content-type') };
  };

  beforeAll(async () => {
    copyFileSync(fileURLToPath(new URL('../../../../config/cities.json', import.meta.url)), files.file);
    service = await createService(
      { name: 'weather-ingest', module: CitiesAlone, config: configSchema },
      {
        PORT: '0',
        LOG_LEVEL: 'silent',
        WEATHER_MODE: 'sample',
        CITIES_FILE: files.file,
        CITIES_ADDED_FILE: files.addedFile,
        CACHE_DIR: join(folder, 'cache'),
      },
    );
  }, 30_000);
  beforeEach(() => {
    rmSync(files.addedFile, { force: true });
    service.app.get(CityCatalog).refresh();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const city = { name: 'Seattle', state: 'WA' };
  it.each<readonly [string, unknown]>([
    ['a name with NUL', { ...city, name: 'Seat\u0000tle' }],
    ['a name that turns the direction', { ...city, name: '\u202eSeattle' }],
    ['a name with a sign without width', { ...city, name: 'Sea\u200bttle' }],
    ['a name of nothing', { ...city, name: '   ' }],
    ['a name in another alphabet', { ...city, name: '北京', latitude: 47.6, longitude: -122.3 }],
    ['half a character for a name', { ...city, name: 'Seattle\ud800' }],
    ['a name without end', { ...city, name: 'x'.repeat(50_000) }],
    ['a list for a name', { ...city, name: ['Seattle'] }],
    ['no name', { state: 'WA' }],
    ['a state that is none', { ...city, state: 'XX' }],
    ['a number for a state', { ...city, state: 7 }],
    ['a place off the earth', { ...city, latitude: 1e300, longitude: -122 }],
    ['text for a place', { ...city, latitude: '47.6', longitude: '-122.3' }],
    ['a time zone that is none', { ...city, timeZone: 'Mars/Olympus\u0000' }],
    ['a field that nobody knows', { ...city, __proto__: null, constructor: {}, isAdmin: true }],
    ['a list', [city]],
    ['text', 'Seattle'],
    ['null', null],
    ['nothing', {}],
  ])('answer %s with what is wrong, and add nothing', async (_name, body) => {
    const answer = await post(JSON.stringify(body));
    expect([answer.status >= 400 && answer.status < 500, answer.type]).toEqual([
      true,
      expect.stringContaining('application/problem+json'),
    ]);
    expect(readAllCities(files)).toHaveLength(5);
  });

  it.each<readonly [string, string]>([
    ['half a body', '{"name":'],
    ['nothing', ''],
    ['a number beyond all', '{"name":"Seattle","state":"WA","latitude":1e999,"longitude":-122}'],
    ['two megabytes', `{"name":"${'x'.repeat(2_000_000)}","state":"WA"}`],
    ['lists in lists', '['.repeat(20_000)],
  ])('answer a body of %s with what is wrong', async (_name, body) => {
    const { status, type } = await post(body);
    expect([status >= 400 && status < 500, type]).toEqual([true, expect.stringContaining('application/problem+json')]);
  });

  it.each(['%00', '%E0%A4%A', '..%2f..%2fetc', 'x'.repeat(8_000), '__proto__'])('know no city "%s"', async (id) => {
    for (const method of ['GET', 'DELETE']) {
      const { status } = await fetch(`${service.url}/cities/${id}`, { method });
      expect([400, 404, 414, 431]).toContain(status);
    }
    expect(readAllCities(files)).toHaveLength(5);
  });

  it('take edits that come at once, one after the other', async () => {
    const bodies = ['Seattle', 'Seattle', 'Spokane', 'Spokane'].map((name) => JSON.stringify({ name, state: 'WA' }));
    const statuses = (await Promise.all(bodies.map((body) => post(body)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 201, 409, 409]);
    expect(readAllCities(files)).toHaveLength(7);
  });
});
