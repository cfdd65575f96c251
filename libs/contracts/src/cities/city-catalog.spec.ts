import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CitiesFileError, CityCatalog, readCities, type CityChange } from './city-catalog.js';

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
});
