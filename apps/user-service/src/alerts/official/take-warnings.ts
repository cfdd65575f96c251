import { weatherAlertV1 } from '@isobar/contracts';
import { BadRecordError, type IncomingRecord } from '@isobar/kafka';
import type { EntityManager } from 'typeorm';
import type { Database } from '../../database/database.js';
import type { ConsumedOffsets } from '../keeping/consumed-offsets.js';
import type { WarningRow } from '../notices/official-warnings.js';
import { takeOnce } from '../signals/take-once.js';
import { keepWarning, readWarning, spread } from './official-store.js';

/** Takes official warnings as the weather service's lists led to them: one notice for an event and a person, whatever its cities. */
export class TakeWarnings {
  constructor(
    private readonly database: Database,
    private readonly offsets: ConsumedOffsets,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param records of one partition of `weather-alerts`, in order; those that were taken before are skipped
   * @returns how many were new
   * @throws RetryLaterError as `takeOnce` does; BadRecordError for one that is no warning
   */
  take(records: readonly IncomingRecord[]): Promise<number> {
    return takeOnce(this.database, this.offsets, records, (manager, fresh) => this.apply(manager, fresh));
  }

  private async apply(manager: EntityManager, records: readonly IncomingRecord[]): Promise<void> {
    // A list that misses a warning writes nothing; a record without a value is a topic being tidied up, and ends nothing either.
    const warnings = records.flatMap((record) => toWarning(record) ?? []);
    for (const warning of warnings) if (await keepWarning(manager, warning)) await spread(manager, warning, this.now());
  }
}

/** @returns undefined for a record without a value @throws BadRecordError */
function toWarning({ key, value }: IncomingRecord): WarningRow | undefined {
  if (value === null) return undefined;
  try {
    const warning = weatherAlertV1.schema.parse(JSON.parse(value.toString()));
    const row = readWarning({ ...warning, key: weatherAlertV1.parseKey(key ?? '') });
    if (row === undefined) throw new Error('it has times that no calendar has');
    return row;
  } catch (error) {
    throw new BadRecordError(`it is no official warning: ${error instanceof Error ? error.message : String(error)}`);
  }
}
