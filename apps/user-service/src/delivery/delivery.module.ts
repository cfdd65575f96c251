import { topics } from '@isobar/contracts';
import { parseProducerSettings, RecordProducer, type KafkaClientOptions } from '@isobar/kafka';
import { OwnTopics } from '@isobar/kafka/nest';
import { CONFIG, LOGGER, Shutdown } from '@isobar/service-kit';
import { Module } from '@nestjs/common';
import type { Logger } from 'pino';
import type { UserServiceConfig } from '../config.js';
import { Database } from '../database/database.js';
import { DeliveryJobs } from './delivery-jobs.js';
import { DeliveryStore } from './delivery-store.js';
import { DeliveryWorker } from './delivery-worker.js';
import { OutboxRelay } from './outbox-relay.js';
import { MailAddresses } from './mail/mail-addresses.js';
import { MailController } from './mail/mail.controller.js';
import { MailSender } from './mail/mail-sender.js';
import { AddressRules } from './webhooks/public-address.js';
import { WebhookSender } from './webhooks/webhook-sender.js';
import { WebhooksController } from './webhooks/webhooks.controller.js';
import { Webhooks } from './webhooks/webhooks.js';

/** How notices leave the service: the topic `user-alerts`, webhooks and mail. */
@Module({
  controllers: [WebhooksController, MailController],
  providers: [
    {
      provide: AddressRules,
      inject: [CONFIG],
      useFactory: (config: UserServiceConfig) => new AddressRules(config.WEBHOOK_PRIVATE_ADDRESSES === 'allow'),
    },
    {
      provide: Webhooks,
      inject: [Database, AddressRules],
      useFactory: (database: Database, rules: AddressRules) => new Webhooks(database, rules),
    },
    { provide: DeliveryStore, inject: [Database], useFactory: (database: Database) => new DeliveryStore(database) },
    {
      provide: DeliveryWorker,
      inject: [DeliveryStore, AddressRules, CONFIG, LOGGER],
      useFactory: (store: DeliveryStore, rules: AddressRules, config: UserServiceConfig, log: Logger) => {
        const { SMTP_URL: smtpUrl, MAIL_FROM: from, PUBLIC_URL: publicUrl } = config;
        const senders = {
          WEBHOOK: new WebhookSender(rules),
          EMAIL: smtpUrl === undefined ? undefined : new MailSender({ smtpUrl, from, publicUrl }),
        };
        return new DeliveryWorker(store, senders, Date.now, (error) =>
          log.warn({ err: error }, 'a delivery could not be written down; it is tried again'),
        );
      },
    },
    {
      provide: MailAddresses,
      inject: [Database, CONFIG],
      useFactory: (database: Database, { SMTP_URL }: UserServiceConfig) =>
        new MailAddresses(database, SMTP_URL !== undefined),
    },
    {
      provide: OutboxRelay,
      inject: [CONFIG, LOGGER, Database, Shutdown],
      useFactory: (
        { KAFKA_BROKERS: brokers }: UserServiceConfig,
        log: Logger,
        database: Database,
        shutdown: Shutdown,
      ) => {
        if (brokers === undefined) return new OutboxRelay(database, undefined);
        const client: KafkaClientOptions = { brokers, clientId: 'user-service', log };
        const own = new OwnTopics(client, [topics.userAlerts]);
        const producer = new RecordProducer(client, parseProducerSettings('acks=all'));
        shutdown.register('accepting', 'topic of notices', () => own.stop());
        shutdown.register('producers', 'notices', async () => {
          await producer.close();
        });
        void own.start();
        return new OutboxRelay(database, (record) => producer.send({ ...record, headers: { ...record.headers } }));
      },
    },
    DeliveryJobs,
  ],
})
export class DeliveryModule {}
