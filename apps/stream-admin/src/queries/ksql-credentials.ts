import type { KsqlClientOptions } from '@isobar/ksql-client';
import { tokenOf } from '@isobar/service-kit';
import type { StreamAdminConfig } from '../config.js';

/** What the ksqlDB server is shown: its own user and password where it has such, else the token that all services share. */
export function ksqlCredentials(config: StreamAdminConfig): KsqlClientOptions['credentials'] {
  const { KSQLDB_CREDENTIALS: pair } = config;
  if (pair !== undefined) {
    const colon = pair.indexOf(':');
    return { user: pair.slice(0, colon), password: pair.slice(colon + 1) };
  }
  const token = tokenOf(config);
  return token === undefined ? undefined : { token };
}
