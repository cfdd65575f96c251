import { z } from 'zod';
import { guardVariables } from '../guard/guard-settings.js';
import { choice, integer, port, text } from './environment.js';

/** What every service reads. Extend it: `serviceConfig(3002).extend({ … })`. */
export function serviceConfig(defaultPort: number) {
  return z.object({
    PORT: port(defaultPort),
    HOST: text({ what: 'the address this service listens on', default: '127.0.0.1' }),
    LOG_LEVEL: choice({
      what: 'the least important log line that is written',
      words: ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'],
      default: 'info',
    }),
    HTTP_CONNECTIONS_MAX: integer({ what: 'connections at once', min: 1, max: 100_000, default: 1_000 }),
    HTTP_SLOW_READER_MS: integer({
      what: 'how long a client may take nothing of its answer before it is dropped',
      min: 100,
      max: 3_600_000,
      default: 60_000,
    }),
    ...guardVariables,
  });
}

export type ServiceConfig = z.output<ReturnType<typeof serviceConfig>>;
