import { readFileSync, statSync } from 'node:fs';
import { readAddedCities, withAdded } from './added-cities.js';
import { CitiesFileError } from './cities-file-error.js';
import type { CitiesFiles } from './cities-files.js';
import { citiesFileSchema, type City } from './city.js';

/** @throws CitiesFileError. */
export function readCities(file: string): readonly City[] {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CitiesFileError(file, [error instanceof Error ? error.message : String(error)]);
  }
  const result = citiesFileSchema.safeParse(content);
  if (result.success) return result.data.cities;
  throw new CitiesFileError(
    file,
    result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`),
  );
}

/** The list with what was added and removed since. @throws CitiesFileError. */
export const readAllCities = ({ file, addedFile }: CitiesFiles): readonly City[] =>
  addedFile === undefined ? readCities(file) : withAdded(readCities(file), readAddedCities(addedFile));

export interface CityChange {
  readonly added: readonly City[];
  readonly changed: readonly City[];
  readonly removed: readonly City[];
}

type ChangeListener = (change: CityChange) => void;

/**
 * The cities, followed while the process runs: an edit of a file is picked up within a few seconds. An edit that cannot be used
 * changes nothing and is reported.
 */
export class CityCatalog {
  private readonly files: CitiesFiles;
  private cities: ReadonlyMap<string, City>;
  private stamp: string;
  private readonly listeners = new Set<ChangeListener>();
  private readonly timer: NodeJS.Timeout;

  /**
   * @param files a path alone is a list without additions
   * @throws CitiesFileError when the list cannot be used at the start; additions that cannot be used are reported, and the list
   * stands without them
   */
  constructor(
    files: CitiesFiles | string,
    private readonly options: { onProblem: (error: CitiesFileError) => void; checkIntervalMs?: number },
  ) {
    this.files = typeof files === 'string' ? { file: files } : files;
    this.stamp = stampOf(this.files);
    const cities = readCities(this.files.file);
    this.cities = byId(this.read() ?? cities);
    this.timer = setInterval(() => this.refresh(), options.checkIntervalMs ?? 2_000);
    this.timer.unref();
  }

  all(): readonly City[] {
    return [...this.cities.values()];
  }

  get(id: string): City | undefined {
    return this.cities.get(id);
  }

  /** @returns a function that ends the subscription. */
  onChange(listener: ChangeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    clearInterval(this.timer);
    this.listeners.clear();
  }

  /** Looks at the file now. */
  refresh(): void {
    const stamp = stampOf(this.files);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    const cities = this.read();
    if (cities === undefined) return;
    const next = byId(cities);
    const before = this.cities;
    this.cities = next;
    const change: CityChange = {
      added: [...next.values()].filter((city) => !before.has(city.id)),
      changed: [...next.values()].filter((city) => {
        const old = before.get(city.id);
        return old !== undefined && JSON.stringify(old) !== JSON.stringify(city);
      }),
      removed: [...before.values()].filter((city) => !next.has(city.id)),
    };
    if (change.added.length + change.changed.length + change.removed.length === 0) return;
    for (const listener of this.listeners) listener(change);
  }

  /** @returns undefined, and reports why, when a file cannot be used */
  private read(): readonly City[] | undefined {
    try {
      return readAllCities(this.files);
    } catch (error) {
      if (!(error instanceof CitiesFileError)) throw error;
      this.options.onProblem(error);
      return undefined;
    }
  }
}

const byId = (cities: readonly City[]): ReadonlyMap<string, City> => new Map(cities.map((city) => [city.id, city]));

/** Changes whenever one of the files does, also when it is replaced by another one. */
function stampOf({ file, addedFile }: CitiesFiles): string {
  return [file, addedFile].map((each) => (each === undefined ? '' : stampOfOne(each))).join('/');
}

function stampOfOne(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return 'missing';
  }
}
