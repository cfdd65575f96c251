import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { CitiesFileError } from './cities-file-error.js';
import { citySchema, type City } from './city.js';

/**
 * What was added and removed while the system ran, beside the cities file: that one is kept under version control and is nobody's to
 * change but a person's.
 */
const addedCitiesSchema = z.strictObject({
  version: z.literal(1),
  added: z.array(citySchema),
  /** Ids of the cities file that are watched no longer. */
  removed: z.array(z.string()),
});
export type AddedCities = Readonly<Omit<z.output<typeof addedCitiesSchema>, 'version'>>;

/** @throws CitiesFileError; a file that is not there says nothing was added. */
export function readAddedCities(file: string): AddedCities {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ENOENT')
      return { added: [], removed: [] };
    throw new CitiesFileError(file, [String(error)]);
  }
  try {
    return addedCitiesSchema.parse(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw new CitiesFileError(file, [String(error)]);
    throw new CitiesFileError(
      file,
      error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
    );
  }
}

/**
 * Replaces the file in one step, and makes its folder.
 *
 * @throws z.ZodError when a city cannot be used, the system's own error when the file cannot be written
 */
export function writeAddedCities(file: string, cities: AddedCities): void {
  const content = addedCitiesSchema.parse({ version: 1, ...cities });
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, `${JSON.stringify(content, undefined, 2)}\n`);
  renameSync(temporary, file);
}

/** The cities of the file without those that were removed, and then what was added; an id counts once. */
export function withAdded(cities: readonly City[], { added, removed }: AddedCities): readonly City[] {
  const kept = cities.filter(({ id }) => !removed.includes(id));
  const ids = new Set(kept.map(({ id }) => id));
  return [...kept, ...added.filter(({ id }) => !ids.has(id) && ids.add(id))];
}

/** What has to be kept beside the cities file so that together they are these. */
export function addedTo(cities: readonly City[], wanted: readonly City[]): AddedCities {
  const isSame = (city: City) => (other: City) => JSON.stringify(city) === JSON.stringify(other);
  return {
    added: wanted.filter((city) => !cities.some(isSame(city))),
    removed: cities.filter((city) => !wanted.some(isSame(city))).map(({ id }) => id),
  };
}
