import type { z } from 'zod';
import { bigint, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type { EpochMs } from '../units.js';

/**
 * The state of one official warning for one city. The key stays the same through updates and the end of a warning, so that each
 * message replaces its predecessor; an ended warning is an event too.
 */
export const weatherAlertV1 = new EventType({
  name: 'weather-alert',
  version: 1,
  topic: topics.weatherAlerts.name,
  source: 'weather_alerts',
  key: { name: 'alert_key', schema: varchar('the city and the warning, whatever its message'), format: 'KAFKA' },
  timestamp: 'issued_at',
  fields: {
    event_id: varchar('deterministic: the same message for the same city has the same id'),
    city_key: varchar('the id of the city, which holds its state too'),
    city: varchar('name of the city'),
    state: varchar('two letters'),
    alert_id: varchar('the id of the message that holds now'),
    status: varchar('active; or why it is over: cancelled, expired, upgraded or no-longer-listed'),
    event: varchar('such as Heat Advisory'),
    severity: varchar('Extreme, Severe, Moderate, Minor or Unknown'),
    certainty: varchar('Observed, Likely, Possible, Unlikely or Unknown'),
    urgency: varchar('Immediate, Expected, Future, Past or Unknown'),
    headline: varchar('one line').nullable(),
    description: varchar('what is coming').nullable(),
    instruction: varchar('what to do').nullable(),
    area: varchar('the places in words').nullable(),
    sender: varchar('the office').nullable(),
    starts_at: bigint<EpochMs>('when it begins').nullable(),
    ends_at: bigint<EpochMs>('when it is over; null: not known').nullable(),
    source: varchar('nws: the National Weather Service'),
    issued_at: bigint<EpochMs>('when the message was sent'),
    fetched_at: bigint<EpochMs>('when the answer was fetched'),
  },
});

export type WeatherAlert = z.output<typeof weatherAlertV1.schema>;
