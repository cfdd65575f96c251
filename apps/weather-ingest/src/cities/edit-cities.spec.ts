import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CityCatalog, readAllCities } from '@isobar/contracts';
import { Problem } from '@isobar/service-kit';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AnswerStore } from '../nws/answer-store.js';
import { NwsClient } from '../nws/nws-client.js';
import { Places } from '../nws/places.js';
import { RequestBudget } from '../nws/request-budget.js';
import { FakeWeatherService } from '../testing/fake-weather-service.js';
import { EditCities, type NewCity } from './edit-cities.js';
import { knownPlace } from './known-places.js';
import { isWithin, states } from './us-states.js';

const defaults = fileURLToPath(new URL('../../../../config/cities.json', import.meta.url));

describe('adding and removing a city', () => {
  const service = new FakeWeatherService();
  const folder = mkdtempSync(join(tmpdir(), 'edit-cities-'));
  const file = join(folder, 'cities.json');
  const addedFile = join(folder, 'data', 'cities.json');
  let catalog: CityCatalog;
  let edit: EditCities;
  let editWith: (patienceMs: number) => EditCities;

  const reasonOf = async (city: NewCity): Promise<string> =>
    edit.add(city).then(
      () => 'added',
      (error: unknown) => (error instanceof Problem ? `${error.getStatus()} ${error.message}` : String(error)),
    );

  beforeAll(async () => {
    copyFileSync(defaults, file);
    await service.start();
  });
  afterAll(async () => {
    await service.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    service.faults.clear();
    catalog?.close();
    copyFileSync(defaults, file);
    rmSync(addedFile, { force: true });
    catalog = new CityCatalog({ file, addedFile }, { onProblem: () => undefined });
    const client = new NwsClient({
      baseUrl: service.url,
      contact: 'test',
      store: new AnswerStore(undefined),
      budget: new RequestBudget(1_000),
      now: Date.now,
      spacingMs: 0,
    });
    editWith = (patienceMs) =>
      new EditCities(catalog, new Places(client), { file, addedFile, asksWeatherService: true, patienceMs });
    edit = editWith(20_000);
  });
  afterAll(() => catalog.close());

  it('says that the disk is full, changes nothing, and goes on when there is room', async () => {
    const temporary = `${addedFile}.${process.pid}.new`;
    mkdirSync(join(folder, 'data'), { recursive: true });
    symlinkSync('/dev/full', temporary);
    const before = readAllCities({ file, addedFile });
    const reno = { name: 'Reno', state: 'NV' };
    await expect(edit.add(reno)).rejects.toMatchObject({
      problem: { type: 'no-room', detail: expect.stringContaining(addedFile) },
      status: 507,
    });
    await expect(edit.remove('miami-fl')).rejects.toMatchObject({ status: 507 });
    expect(readAllCities({ file, addedFile })).toEqual(before);
    rmSync(temporary);
    expect(await reasonOf(reno)).toBe('added');
  });

  it('knows where the larger cities are, and asks the weather service for the rest', async () => {
    const { city, areaCheck, cell } = await edit.add({ name: 'Seattle', state: 'WA' });
    expect(city).toEqual({
      id: 'seattle-wa',
      name: 'Seattle',
      state: 'WA',
      latitude: 47.6062,
      longitude: -122.3321,
      timeZone: 'America/New_York', // what the service said
    });
    expect([areaCheck, cell]).toEqual(['weather-service', 'TST/1,1']);
    expect(readAllCities({ file, addedFile })).toHaveLength(6);
    expect(readFileSync(file)).toEqual(readFileSync(defaults));
    expect(catalog.get('seattle-wa')).toEqual(city);
    expect(service.requests.at(-1)?.path).toBe('/points/47.6062,-122.3321');
  });

  it('refuses a duplicate by name and by place', async () => {
    expect(await reasonOf({ name: 'miami', state: 'FL' })).toBe(
      '409 There is a city "miami-fl" already, at 25.7617, -80.1918.',
    );
    expect(await reasonOf({ name: 'South Beach', state: 'FL', latitude: 25.762, longitude: -80.192 })).toContain(
      'Miami, FL (miami-fl) is at the same place',
    );
    const answers = await Promise.all([1, 2].map(() => reasonOf({ name: 'Boston', state: 'MA' })));
    expect(answers.map((answer) => answer.slice(0, 5)).sort()).toEqual(['409 T', 'added']);
  });

  it('refuses coordinates that are missing, wrong or elsewhere', async () => {
    expect(await reasonOf({ name: 'Walla Walla', state: 'WA' })).toContain('/latitude: must be given');
    expect(await reasonOf({ name: 'Seattle', state: 'WA', latitude: 47.6062, longitude: 122.3321 })).toContain(
      'did you mean -122.3321?',
    );
    expect(await reasonOf({ name: 'Seattle', state: 'WA', latitude: 51.5, longitude: -0.1 })).toBe(
      '422 /latitude: 51.5, -0.1 is not in Washington',
    );
    expect(await reasonOf({ name: 'London', state: 'UK', latitude: 51.5, longitude: -0.1 })).toContain('no state');
    // In the box of Indiana, and yet in Kentucky.
    service.county = 'KYC111';
    expect(await reasonOf({ name: 'Clarksville', state: 'IN', latitude: 38.25, longitude: -85.75 })).toBe(
      '422 /state: the weather service finds 38.25, -85.75 in Kentucky, not in Indiana',
    );
    service.county = 'TSC001';
    expect(readAllCities({ file, addedFile })).toHaveLength(5);
  });

  it('refuses a place outside the area of the weather service, in its words', async () => {
    service.faults.set('/points/', { kind: 'status', status: 404, problem: 'InvalidPoint' });
    expect(await reasonOf({ name: 'Nowhere', state: 'FL', latitude: 25.1, longitude: -79.2 })).toContain(
      '422 The weather service answered 404 InvalidPoint',
    );
    expect(readAllCities({ file, addedFile })).toHaveLength(5);
  });

  it.each<readonly [string, object]>([
    ['no cell, marine', { gridId: null, gridX: null, gridY: null, cwa: 'NH2', county: null, type: 'marine' }],
    ['a cell, marine', { gridId: 'TST', gridX: 1, gridY: 1, type: 'marine' }],
    ['no cell, and no type', { gridId: null, gridX: null, gridY: null, county: null, forecastZone: null }],
    ['an office and no cell', { gridId: null, cwa: 'NH2', gridX: null, gridY: null, type: null }],
    ['half a cell', { gridId: 'TST', gridX: 1, gridY: null, type: 'land' }],
    ['no office', { gridId: null, cwa: null, gridX: 1, gridY: 1, type: 'land' }],
    [
      'a cell and a zone of the sea',
      { gridId: 'TST', gridX: 1, gridY: 1, forecastZone: 'https://x/zones/forecast/GMZ330' },
    ],
    ['nothing but nulls', { gridId: null, gridX: null, gridY: null, type: null }],
  ])('refuses a place at sea: %s', async (_name, properties) => {
    service.faults.set('/points/', { kind: 'body', body: { type: 'Feature', properties } });
    expect(await reasonOf({ name: 'Offshore', state: 'TX', latitude: 28.2, longitude: -96.2 })).toMatch(
      /^422 28\.2, -96\.2 is at sea/,
    );
    expect(readAllCities({ file, addedFile })).toHaveLength(5);
  });

  it('does not take an answer that says nothing for the sea, nor an odd time zone for one', async () => {
    service.faults.set('/points/', { kind: 'empty-feature' });
    expect(await edit.add({ name: 'Seattle', state: 'WA' })).toMatchObject({ areaCheck: 'rough' });
    const properties = { gridId: 'TST', gridX: 1, gridY: 1, timeZone: 'Mars/Olympus', type: 'land' };
    service.faults.set('/points/', { kind: 'body', body: { properties } });
    expect(await edit.add({ name: 'Boise', state: 'ID' })).toMatchObject({ city: { timeZone: 'America/Boise' } });
  });

  it('trusts the borders of the state while the weather service gives no answer', async () => {
    service.faults.set('/points/', { kind: 'hang' });
    expect(await editWith(300).add({ name: 'Seattle', state: 'WA' })).toMatchObject({
      areaCheck: 'rough',
      city: { timeZone: 'America/Los_Angeles' },
    });
  });

  it('removes a city, and only one that is there', async () => {
    expect((await edit.remove('miami-fl')).name).toBe('Miami');
    expect(catalog.all()).toHaveLength(4);
    await expect(edit.remove('miami-fl')).rejects.toThrow('There is no city "miami-fl"');
  });

  it('writes into the list where somebody keeps one of their own', async () => {
    const own = new EditCities(
      catalog,
      { locate: () => Promise.reject(new Error('nobody asks')) },
      {
        file,
        asksWeatherService: false,
        patienceMs: 1,
      },
    );
    await own.add({ name: 'Seattle', state: 'WA' });
    expect(readAllCities({ file })).toHaveLength(6);
  });

  it('adds as many at once as are asked for, and loses none', async () => {
    const names = ['Seattle WA', 'Boise ID', 'Denver CO', 'Boston MA', 'Austin TX', 'Tampa FL'];
    await Promise.all(names.map((name) => edit.add({ name: name.slice(0, -3), state: name.slice(-2) })));
    await Promise.all([edit.remove('seattle-wa'), edit.remove('miami-fl'), edit.add({ name: 'Reno', state: 'NV' })]);
    expect(readAllCities({ file, addedFile })).toHaveLength(5 + 6 - 2 + 1);
    expect(catalog.all()).toHaveLength(10);
  });

  it('refuses to edit what cannot be read, and says why', async () => {
    mkdirSync(join(folder, 'data'), { recursive: true });
    writeFileSync(addedFile, '{"version":1,"added":[7],"removed":[]}');
    expect(await reasonOf({ name: 'Seattle', state: 'WA' })).toMatch(/^409 The cities file .*added\.0: /s);
    expect(readFileSync(addedFile, 'utf8')).toContain('[7]');
  });

  it('knows no place outside its state', () => {
    for (const name of ['Seattle WA', 'New York NY', 'St. Louis MO', 'Honolulu HI', 'San Juan PR', 'Juneau AK']) {
      const state = name.slice(-2);
      const place = knownPlace(name.slice(0, -3), state);
      const box = states[state];
      if (place === undefined || box === undefined) throw new Error(`${name} is known`);
      expect([name, isWithin(box, place.latitude, place.longitude)]).toEqual([name, true]);
      expect(() => new Intl.DateTimeFormat('en', { timeZone: box.timeZone })).not.toThrow();
    }
  });
});
