import { LOGGER, Readiness, Shutdown } from '@isobar/service-kit';
import { Global, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Logger } from 'pino';
import { DataSource } from 'typeorm';
import type { UserServiceConfig } from '../config.js';
import { User } from '../users/user.entity.js';
import { Place } from '../places/place.entity.js';
import { Rule } from '../rules/rule.entity.js';
import { Database } from './database.js';
import { CreateUsers1700000000000 } from './migrations/1700000000000-create-users.js';
import { SeedPeople1700000001000 } from './migrations/1700000001000-seed-people.js';
import { CreateRules1700000002000 } from './migrations/1700000002000-create-rules.js';
import { CreateAlerts1700000003000 } from './migrations/1700000003000-create-alerts.js';
import { HoldNotices1700000004000 } from './migrations/1700000004000-hold-notices.js';
import { IndexAlerts1700000005000 } from './migrations/1700000005000-index-alerts.js';
import { WithdrawNotices1700000006000 } from './migrations/1700000006000-withdraw-notices.js';
import { ShareStates1700000007000 } from './migrations/1700000007000-share-states.js';
import { PlanNotices1700000020000 } from './migrations/1700000020000-plan-notices.js';
import { AnswerOnce1700000030000 } from './migrations/1700000030000-answer-once.js';
import { OfficialWarnings1700000040000 } from './migrations/1700000040000-official-warnings.js';
import { Forget1700000050000 } from './migrations/1700000050000-forget.js';
import { DeliverNotices1700000050000 } from './migrations/1700000050000-deliver-notices.js';
import { AskSparingly1700000060000 } from './migrations/1700000060000-ask-sparingly.js';

/** Nothing may hold a connection, or a row, for longer; migrations of large tables need the minute. */
const statementLimits = { statement_timeout: 60_000, lock_timeout: 5_000, idle_in_transaction_session_timeout: 10_000 };

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [ConfigService, LOGGER],
      useFactory: (config: ConfigService<UserServiceConfig, true>, log: Logger) => ({
        type: 'postgres' as const,
        url: config.get('DATABASE_URL', { infer: true }),
        entities: [User, Place, Rule],
        migrations: [
          CreateUsers1700000000000,
          SeedPeople1700000001000,
          CreateRules1700000002000,
          CreateAlerts1700000003000,
          HoldNotices1700000004000,
          IndexAlerts1700000005000,
          WithdrawNotices1700000006000,
          ShareStates1700000007000,
          PlanNotices1700000020000,
          AnswerOnce1700000030000,
          OfficialWarnings1700000040000,
          Forget1700000050000,
          DeliverNotices1700000050000,
          AskSparingly1700000060000,
        ],
        migrationsTableName: 'user_service_migrations',
        applicationName: 'user-service',
        connectTimeoutMS: 3_000,
        logging: false,
        extra: { max: 10, keepAlive: true, ...statementLimits },
        poolErrorHandler: (error: unknown) => log.warn({ err: error }, 'a database connection was lost'),
        // The service answers while the database is still on its way; see Database.
        manualInitialization: true,
      }),
    }),
  ],
  providers: [
    {
      provide: Database,
      inject: [DataSource, LOGGER],
      useFactory: (dataSource: DataSource, log: Logger) => new Database(dataSource, log),
    },
  ],
  exports: [Database],
})
export class DatabaseModule implements OnApplicationBootstrap {
  constructor(
    private readonly database: Database,
    private readonly readiness: Readiness,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.register({ name: 'database', check: () => this.database.check() });
    this.shutdown.register('accepting', 'database start', () => this.database.stop());
    void this.database.open();
  }
}
