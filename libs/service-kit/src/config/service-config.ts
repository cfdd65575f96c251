import { z } from 'zod';
import { guardVariables } from '../guard/guard-settings.js';
import { choice, port, text } from './environment.js';

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
    ...guardVariables,
  });
}

export type ServiceConfig = z.output<ReturnType<typeof serviceConfig>>;
