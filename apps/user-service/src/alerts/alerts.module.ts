import { Connections, LOGGER, Shutdown } from '@isobar/service-kit';
import { Module, type OnApplicationBootstrap } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import type { Logger } from 'pino';
import type { UserServiceConfig } from '../config.js';
import { Database } from '../database/database.js';
import { AlertsController } from './alerts.controller.js';
import { Alerts } from './alerts.js';
import { AlertClock } from './clock/alert-clock.js';
import { ClockTicks } from './clock/clock-ticks.js';
import { NoticeClock } from './clock/notice-clock.js';
import { ConsumedOffsets } from './keeping/consumed-offsets.js';
import { AlertNews } from './live/alert-news.js';
import { LiveAlerts } from './live/live-alerts.js';
import { FollowMoves } from './official/follow-moves.js';
import { OfficialController } from './official/official.controller.js';
import { Official } from './official/official.js';
import { TakeWarnings } from './official/take-warnings.js';
import { SignalTransport } from './signals/signal-transport.js';
import { SignalsController } from './signals/signals.controller.js';
import { TakeSignals } from './signals/take-signals.js';
import { NoticeSettingsController } from './telling/notice-settings.controller.js';
import { NoticeSettingsOfPeople } from './telling/notice-settings.js';

@Module({
  controllers: [AlertsController, NoticeSettingsController, SignalsController, OfficialController],
  providers: [
    { provide: Alerts, inject: [Database], useFactory: (database: Database) => new Alerts(database) },
    {
      provide: LiveAlerts,
      inject: [Alerts, Connections],
      useFactory: (alerts: Alerts, connections: Connections) => new LiveAlerts(alerts, connections),
    },
    { provide: AlertClock, inject: [Database], useFactory: (database: Database) => new AlertClock(database) },
    {
      provide: NoticeSettingsOfPeople,
      inject: [Database],
      useFactory: (database: Database) => new NoticeSettingsOfPeople(database),
    },
    { provide: NoticeClock, inject: [Database], useFactory: (database: Database) => new NoticeClock(database) },
    { provide: ConsumedOffsets, inject: [Database], useFactory: (database: Database) => new ConsumedOffsets(database) },
    {
      provide: TakeSignals,
      inject: [Database, ConsumedOffsets],
      useFactory: (database: Database, offsets: ConsumedOffsets) => new TakeSignals(database, offsets),
    },
    {
      provide: AlertNews,
      inject: [ConfigService, LOGGER, LiveAlerts],
      useFactory: (config: ConfigService<UserServiceConfig, true>, log: Logger, live: LiveAlerts) =>
        new AlertNews(config.get('DATABASE_URL', { infer: true }), log, (userId) => live.tell(userId)),
    },
    {
      provide: TakeWarnings,
      inject: [Database, ConsumedOffsets],
      useFactory: (database: Database, offsets: ConsumedOffsets) => new TakeWarnings(database, offsets),
    },
    { provide: Official, inject: [Database], useFactory: (database: Database) => new Official(database) },
    FollowMoves,
    SignalTransport,
    ClockTicks,
  ],
})
export class AlertsModule implements OnApplicationBootstrap {
  constructor(
    private readonly news: AlertNews,
    private readonly live: LiveAlerts,
    private readonly shutdown: Shutdown,
  ) {}

  onApplicationBootstrap(): void {
    this.shutdown.register('accepting', 'feeds of alerts', () => this.live.close());
    this.shutdown.register('connections', 'news of alerts', () => this.news.stop());
    void this.news.run();
  }
}
