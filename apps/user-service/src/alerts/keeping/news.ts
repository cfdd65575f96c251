import type { EntityManager } from 'typeorm';

/** Channel of NOTIFY on which other replicas hear whose alerts changed. */
export const alertsChannel = 'isobar_alerts';

/** Tells every replica that somebody's alerts changed, once that is committed. */
export const tellNews = (manager: EntityManager, userIds: readonly string[]): Promise<unknown> =>
  manager.query('SELECT pg_notify($1, u) FROM unnest($2::text[]) AS u', [alertsChannel, userIds]);
