import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { UserServiceConfig } from '../config.js';
import { Database } from '../database/database.js';
import { RetentionJob } from './retention-job.js';
import { Retention } from './retention.js';

@Module({
  providers: [
    {
      provide: Retention,
      inject: [Database, ConfigService],
      useFactory: (database: Database, config: ConfigService<UserServiceConfig, true>) =>
        new Retention(database, {
          alerts: config.get('ALERTS_KEPT_DAYS', { infer: true }),
          evidence: config.get('EVIDENCE_KEPT_DAYS', { infer: true }),
          inbox: config.get('INBOX_KEPT_DAYS', { infer: true }),
        }),
    },
    RetentionJob,
  ],
})
export class RetentionModule {}
