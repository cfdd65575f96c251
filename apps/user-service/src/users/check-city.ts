import type { CityCatalog } from '@isobar/contracts';
import { Problem, type ProblemField } from '@isobar/service-kit';

/** What is wrong with the city that a request names; nothing when it is known. */
export function cityErrors(catalog: CityCatalog, cityKey: string): ProblemField[] {
  if (catalog.get(cityKey) !== undefined) return [];
  const known = catalog.all().map((city) => city.id);
  return [{ pointer: '/cityKey', detail: `"${cityKey}" is no known city; known: ${known.join(', ')}` }];
}

/** @throws Problem 422 */
export function checkCity(catalog: CityCatalog, cityKey: string): void {
  const errors = cityErrors(catalog, cityKey);
  if (errors.length > 0) throw Problem.validation(errors);
}
