import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from '../home.js';
import type { StackEvent } from '../stack/events.js';
import { type StackState, writeState } from './state-file.js';

export const stateFile = (home: StackHome): string => join(home.run, 'state.json');
/** Every event since the last start, one JSON object a line. */
export const eventsFile = (home: StackHome): string => join(home.run, 'events.ndjson');

/** What a run tells other processes about itself. A disk that takes no more must not end what runs: it is tried again, and said. */
export class RunRecord {
  readonly #trouble = new Map<string, string>();

  constructor(private readonly home: StackHome) {}

  /** Forgets the events of the run before. */
  begin(): void {
    this.#tryTo('events', () => writeFileSync(eventsFile(this.home), ''));
  }

  save(state: StackState): void {
    this.#tryTo('state', () => writeState(stateFile(this.home), state));
  }

  append(event: StackEvent): void {
    this.#tryTo('events', () => appendFileSync(eventsFile(this.home), `${JSON.stringify(event)}\n`));
  }

  /** Why others do not get to know everything, as long as they do not. */
  get trouble(): string | undefined {
    const [[what, why] = []] = [...this.#trouble];
    return what === undefined ? undefined : `the ${what} of the stack cannot be written: ${why}`;
  }

  #tryTo(what: string, write: () => void): void {
    try {
      write();
      this.#trouble.delete(what);
    } catch (error) {
      this.#trouble.set(what, error instanceof Error ? error.message : String(error));
    }
  }
}
