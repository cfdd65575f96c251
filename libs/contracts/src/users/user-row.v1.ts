import type { z } from 'zod';
import { bigint, double, integer, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type { AirQualityIndex, EpochMs, FahrenheitDegrees } from '../units.js';

/**
 * A row of the users table as change data capture writes it: key is the bare id, value the flat row (with more columns than
 * these), no value at all means that the person was deleted.
 */
export const userRowV1 = new EventType({
  name: 'user-row',
  version: 1,
  topic: topics.postgresUsers.name,
  source: 'users',
  key: { name: 'id', schema: bigint('the person'), format: 'JSON' },
  timestamp: 'updated_at_ms',
  isOpen: true,
  fields: {
    id: bigint('the person'),
    username: varchar('unique, for people to write'),
    full_name: varchar('for people to read'),
    city_key: varchar('the id of the city where the person lives'),
    temp_high_f: double<FahrenheitDegrees>('hot for this person above this').nullable(),
    temp_low_f: double<FahrenheitDegrees>('cold for this person below this').nullable(),
    aqi_limit: integer<AirQualityIndex>('the air is bad for this person above this').nullable(),
    updated_at_ms: bigint<EpochMs>('when the row was last written'),
  },
});

export type UserRow = z.output<typeof userRowV1.schema>;
