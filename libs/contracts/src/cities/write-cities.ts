import { renameSync, writeFileSync } from 'node:fs';
import { citiesFileSchema, type City } from './city.js';

/**
 * Replaces the cities file in one step: whoever follows it sees the old list or the new one, never half of it.
 *
 * @throws z.ZodError when the list cannot be used (the file stays as it was), the system's own error when it cannot be written.
 */
export function writeCities(file: string, cities: readonly City[]): void {
  const content = citiesFileSchema.parse({ version: 1, cities: [...cities] });
  const temporary = `${file}.${process.pid}.new`;
  writeFileSync(temporary, `${JSON.stringify(content, undefined, 2)}\n`);
  renameSync(temporary, file);
}
