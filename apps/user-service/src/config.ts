import { citiesVariables } from '@isobar/contracts';
import { env, serviceConfig } from '@isobar/service-kit';
import type { z } from 'zod';

const keptDays = (what: string) =>
  env.integer({ what: `for how many days ${what} is kept`, min: 1, max: 36_500, default: 365 });

export const configSchema = serviceConfig(3001).extend({
  DATABASE_URL: env.postgresUrl({
    what: 'the PostgreSQL database of the people',
    default: 'postgres://isobar:isobar@127.0.0.1:5432/isobar',
  }),
  KAFKA_BROKERS: env.brokerList({ what: 'the Kafka brokers (without them no alert is raised)' }).optional(),
  WEBHOOK_PRIVATE_ADDRESSES: env.choice({
    what: 'whether webhooks may lead to this machine and its networks, and use http: allow, for development',
    words: ['refuse', 'allow'],
    default: 'refuse',
  }),
  ALERTS_KEPT_DAYS: keptDays('an alert after its end'),
  EVIDENCE_KEPT_DAYS: keptDays('the records that an ended alert cites'),
  INBOX_KEPT_DAYS: keptDays('what a person was told'),
  SMTP_URL: env.smtpUrl({ what: 'the mail server (without it no mail is sent)' }).optional(),
  MAIL_FROM: env.text({ what: 'who sends mail', default: 'Isobar <alerts@localhost>' }),
  PUBLIC_URL: env.httpUrl({
    what: 'where people reach this service: links in mail lead there',
    default: 'http://localhost:3001',
  }),
  CITIES_FILE: env.text(citiesVariables.CITIES_FILE),
  CITIES_ADDED_FILE: env.text(citiesVariables.CITIES_ADDED_FILE).optional(),
});

export type UserServiceConfig = z.output<typeof configSchema>;
