import type { z } from 'zod';
import { bigint, double, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type { EpochMs } from '../units.js';

/**
 * A row of the limits that the rules of all people come down to, as change data capture writes it: key is the bare id, no value at all
 * means that nobody has a rule of this limit any more.
 */
export const alertLimitRowV1 = new EventType({
  name: 'alert-limit-row',
  version: 1,
  topic: topics.postgresAlertLimits.name,
  source: 'alert_limits',
  key: { name: 'id', schema: bigint('the limit'), format: 'JSON' },
  timestamp: 'updated_at_ms',
  isOpen: true,
  fields: {
    id: bigint('the limit'),
    city_key: varchar('the id of the city whose values are watched'),
    metric: varchar(
      'SENSOR_TEMPERATURE, AIR_QUALITY_INDEX, OBSERVED_TEMPERATURE or one of the forecast, such as FORECAST_WIND_12H',
    ),
    comparison: varchar('ABOVE or BELOW'),
    threshold: double('in the unit of the metric'),
    deadband: double('how far back from the threshold it is over, in the unit of the metric'),
    updated_at_ms: bigint<EpochMs>('when the row was last written'),
  },
});

export type AlertLimitRow = z.output<typeof alertLimitRowV1.schema>;
