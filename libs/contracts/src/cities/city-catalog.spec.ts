import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addedTo, readAddedCities, writeAddedCities } from './added-cities.js';
import { CitiesFileError } from './cities-file-error.js';
import { citiesFiles } from './cities-files.js';
import { CityCatalog, readAllCities, readCities, type CityChange } from './city-catalog.js';

const defaults = fileURLToPath(new URL('../../../../config/cities.json', import.meta.url));
const seattle = {
  id: 'seattle-wa',
  name: 'Seattle',
  state: 'WA',
  latitude: 47.6062,
  longitude: -122.3321,
  timeZone: 'America/Los_Angeles',
};

describe('the cities file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cities-'));
  const file = join(folder, 'cities.json');
  const write = (...cities: unknown[]) => writeFileSync(file, JSON.stringify({ version: 1, cities }));
  const problemsOf = () => {
    try {
      readCities(file);
      return '';
    } catch (error) {
      return error instanceof CitiesFileError ? error.message : 'another error';
    }
  };
  let catalog: CityCatalog | undefined;

  afterEach(() => {
    catalog?.close();
    rmSync(file, { force: true });
  });

  it('ships with the five default cities', () => {
    expect(readCities(defaults).map((city) => `${city.name}, ${city.state}`)).toEqual([
      'New York, NY',
      'Los Angeles, CA',
      'Chicago, IL',
      'San Francisco, CA',
      'Miami, FL',
    ]);
  });

  it('names every wrong entry', () => {
    write({ ...seattle, id: 'seattle', latitude: 91 }, { ...seattle, timeZone: 'Mars/Olympus' });
    expect(problemsOf()).toMatch(/cities\.0\.latitude/);
    expect(problemsOf()).toMatch(/cities\.1\.timeZone: must be an IANA time zone/);
    write({ ...seattle, id: 'seattle' });
    expect(problemsOf()).toContain('must be "seattle-wa"');
    write(seattle, seattle);
    expect(problemsOf()).toContain('"seattle-wa" is there twice');
    write({ ...seattle, name: 'Seat\u0000tle' });
    expect(problemsOf()).toContain('must not hold control characters');
    writeFileSync(file, '{');
    expect(problemsOf()).toContain(file);
  });

  it('is followed while the process runs; an edit that cannot be used changes nothing', () => {
    writeFileSync(file, readFileSync(defaults));
    const problems: CitiesFileError[] = [];
    const changes: CityChange[] = [];
    catalog = new CityCatalog(file, { onProblem: (error) => problems.push(error), checkIntervalMs: 60_000 });
    catalog.onChange((change) => changes.push(change));

    writeFileSync(file, '{"version":1,');
    catalog.refresh();
    expect(problems).toHaveLength(1);
    expect(catalog.all()).toHaveLength(5);

    write(seattle, { ...catalog.get('miami-fl'), latitude: 25.7 });
    catalog.refresh();
    expect(changes).toHaveLength(1);
    expect(changes[0]?.added.map((city) => city.id)).toEqual(['seattle-wa']);
    expect(changes[0]?.changed.map((city) => city.id)).toEqual(['miami-fl']);
    expect(changes[0]?.removed).toHaveLength(4);
    expect(catalog.get('seattle-wa')?.name).toBe('Seattle');
  });

  describe('with what was added and removed since', () => {
    const addedFile = join(folder, 'data', 'added.json');
    const files = { file, addedFile };
    const ids = (): string[] => readAllCities(files).map(({ id }) => id);

    it('is the list, without and with; the list itself stays as it is', () => {
      writeFileSync(file, readFileSync(defaults));
      const before = readAllCities(files);
      expect(before).toEqual(readCities(file));
      writeAddedCities(addedFile, addedTo(before, [...before.slice(1), seattle]));
      expect(ids()).toEqual(['los-angeles-ca', 'chicago-il', 'san-francisco-ca', 'miami-fl', 'seattle-wa']);
      expect(readAddedCities(addedFile)).toMatchObject({ removed: ['new-york-ny'] });
      expect(readFileSync(file)).toEqual(readFileSync(defaults));

      // Added again somewhere else, a city of the list is the added one; as it was, nothing is to be kept of it.
      const moved = [...before.slice(0, 4), { ...seattle, id: 'miami-fl', name: 'Miami', state: 'FL' }];
      writeAddedCities(addedFile, addedTo(before, moved));
      expect(readAllCities(files)).toEqual(moved);
      writeAddedCities(addedFile, addedTo(before, before));
      expect(readAddedCities(addedFile)).toMatchObject({ added: [], removed: [] });

      // Somebody put the same city into the list: it is there once.
      writeAddedCities(addedFile, { added: [seattle], removed: [] });
      write(seattle);
      expect(ids()).toEqual(['seattle-wa']);
    });

    it('is followed, and stands without additions that cannot be used', () => {
      writeFileSync(file, readFileSync(defaults));
      writeFileSync(addedFile, '{"version":1,"added":[{}]}');
      const problems: CitiesFileError[] = [];
      catalog = new CityCatalog(files, { onProblem: (error) => problems.push(error), checkIntervalMs: 60_000 });
      expect(problems.map((error) => error.file)).toEqual([addedFile]);
      expect(catalog.all()).toHaveLength(5);
      writeAddedCities(addedFile, { added: [seattle], removed: ['miami-fl'] });
      catalog.refresh();
      expect(catalog.get('seattle-wa')).toEqual(seattle);
      rmSync(addedFile);
      catalog.refresh();
      expect(catalog.all().map(({ id }) => id)).toContain('miami-fl');
    });

    it('is beside the default list, and in the list itself where somebody keeps one', () => {
      expect(citiesFiles({ CITIES_FILE: 'config/cities.json' }).addedFile).toBe('.isobar/data/cities.json');
      expect(citiesFiles({ CITIES_FILE: '/etc/cities.json' }).addedFile).toBeUndefined();
      expect(citiesFiles({ CITIES_FILE: '/etc/cities.json', CITIES_ADDED_FILE: '/a' }).addedFile).toBe('/a');
    });
  });
});
