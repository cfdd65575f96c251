import { Module } from '@nestjs/common';
import { polledTopic } from '../polling/polled-topic.js';
import { PollAlerts } from './poll-alerts.js';
import { heldWarningSchema } from './warning-life.js';

/** Official warnings. Nobody simulates them: without the service there are none. */
@Module({
  providers: [
    polledTopic({
      name: 'alerts',
      modes: ['auto', 'nws'],
      intervalMs: 60_000,
      looksAtNewCities: false,
      entrySchema: heldWarningSchema,
      outcomes: { metric: 'isobar_alert_polls_total', help: 'what became of looking at a warning' },
      polling: ({ client, places, refusals, options, log }) => new PollAlerts(client, places, options, log, refusals),
    }),
  ],
})
export class AlertsModule {}
