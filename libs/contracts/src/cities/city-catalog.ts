import { readFileSync, statSync } from 'node:fs';
import { citiesFileSchema, type City } from './city.js';

/** A cities file that cannot be used: the file, and every wrong entry. */
export class CitiesFileError extends Error {
  override readonly name = 'CitiesFileError';
  readonly code = 'CITIES_FILE_INVALID';

  constructor(
    readonly file: string,
    readonly problems: readonly string[],
  ) {
    super(`The cities file ${file} cannot be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

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

export interface CityChange {
  readonly added: readonly City[];
  readonly changed: readonly City[];
  readonly removed: readonly City[];
}

type ChangeListener = (change: CityChange) => void;

/**
 * The cities, followed while the process runs: an edit of the file is picked up within a few seconds. An edit that cannot be used
 * changes nothing and is reported.
 */
export class CityCatalog {
  private cities: ReadonlyMap<string, City>;
  private stamp: string;
  private readonly listeners = new Set<ChangeListener>();
  private readonly timer: NodeJS.Timeout;

  /** @throws CitiesFileError when the file cannot be used at the start. */
  constructor(
    private readonly file: string,
    private readonly options: { onProblem: (error: CitiesFileError) => void; checkIntervalMs?: number },
  ) {
    this.stamp = stampOf(file);
    this.cities = byId(readCities(file));
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
    const stamp = stampOf(this.file);
    if (stamp === this.stamp) return;
    this.stamp = stamp;
    let next: ReadonlyMap<string, City>;
    try {
      next = byId(readCities(this.file));
    } catch (error) {
      if (!(error instanceof CitiesFileError)) throw error;
      this.options.onProblem(error);
      return;
    }
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
}

const byId = (cities: readonly City[]): ReadonlyMap<string, City> => new Map(cities.map((city) => [city.id, city]));

/** Changes whenever the file does, also when it is replaced by another one. */
function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return 'missing';
  }
}
