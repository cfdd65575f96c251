import type { z } from 'zod';
import { bigint, double, varchar } from '../events/columns.js';
import { EventType } from '../events/define-event.js';
import { topics } from '../topics.js';
import type { EpochMs } from '../units.js';

/**
 * One line that a person was told. Lines that were told together share `notice_id`. At least once: the header `event-id` repeats
 * `event_id`, by which a second delivery is known. A record without a value says that the person was removed.
 */
export const userAlertV1 = new EventType({
  name: 'user-alert',
  version: 1,
  topic: topics.userAlerts.name,
  key: { name: 'user_id', schema: bigint('the person'), format: 'JSON' },
  timestamp: 'told_at',
  fields: {
    event_id: varchar('the line: the same however often it is delivered'),
    notice_id: varchar('what was told at one time'),
    alert_id: varchar('the alert of a rule; null for what is about none').nullable(),
    rule_id: varchar('the rule').nullable(),
    kind: varchar(
      'raised, escalated, reminder, still-active, cleared, no-data, ended, was, ended-meanwhile, late-finding, changed',
    ),
    severity: varchar('INFO, WARNING or CRITICAL'),
    delivery: varchar('INTERRUPT, PASSIVE (an end) or DIGEST (what waited)'),
    text: varchar('what is so, in one sentence'),
    started_at: bigint<EpochMs>('when the limit was first crossed, in the time of the measurements'),
    ended_at: bigint<EpochMs>('when it was over; null while it lasts').nullable(),
    occurred_at: bigint<EpochMs>('when it was as the text says'),
    value: double('in the unit of the metric').nullable(),
    peak_value: double('the most extreme value so far').nullable(),
    told_at: bigint<EpochMs>('when the person was told'),
  },
});

export type UserAlert = z.output<typeof userAlertV1.schema>;
