import { Problem } from '@isobar/service-kit';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Database } from '../database/database.js';

export const replicationSchema = z.object({
  slot: z
    .object({
      name: z.string(),
      active: z.boolean().describe('whether change data capture is connected to it'),
      walStatus: z.string().nullable().describe("`lost`: what it had not read yet is gone, and it can't be used again"),
      invalidationReason: z.string().nullable(),
      retainedBytes: z.number().nullable().describe('of the log that is kept for it'),
    })
    .nullable()
    .describe('null when there is none of this name'),
  publication: z.object({ name: z.string(), tables: z.array(z.string()) }).nullable(),
});
export type ReplicationView = z.output<typeof replicationSchema>;

const slotRow = z.object({
  slot_name: z.string(),
  active: z.boolean(),
  wal_status: z.string().nullable().default(null),
  invalidation_reason: z.string().nullable().default(null),
  retained: z.coerce.number().nullable(),
});

/** What change data capture reads. */
export const capturedTables = ['users', 'alert_limits'] as const;
export type CapturedTable = (typeof capturedTables)[number];

/** What PostgreSQL says of the way by which changes of people leave it. */
@Injectable()
export class Replication {
  constructor(private readonly database: Database) {}

  status(slot: string, publication: string): Promise<ReplicationView> {
    return this.database.read(async (manager) => {
      // As JSON: older servers do not have all of these columns.
      const slots: { row: unknown }[] = await manager.query(
        `SELECT to_jsonb(s) || jsonb_build_object('retained', pg_wal_lsn_diff(pg_current_wal_lsn(), s.restart_lsn)) AS row
           FROM pg_replication_slots s WHERE slot_name = $1`,
        [slot],
      );
      const publications: { tables: string[] }[] = await manager.query(
        `SELECT ARRAY(SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = p.pubname ORDER BY 1) AS tables
           FROM pg_publication p WHERE pubname = $1`,
        [publication],
      );
      const [found] = slots.map(({ row }) => slotRow.parse(row));
      return {
        slot: found
          ? {
              name: found.slot_name,
              active: found.active,
              walStatus: found.wal_status,
              invalidationReason: found.invalidation_reason,
              retainedBytes: found.retained,
            }
          : null,
        publication: publications[0] ? { name: publication, tables: publications[0].tables } : null,
      };
    });
  }

  /** The keys of all rows of a table, as change data capture writes them. */
  keys(table: CapturedTable): Promise<string[]> {
    return this.database.read(async (manager) => {
      const rows: { id: string }[] = await manager.query(`SELECT id FROM ${table} ORDER BY id`);
      return rows.map(({ id }) => id);
    });
  }

  /** Makes the publication, or adds the captured tables to it, where that is missing. */
  async publish(publication: string): Promise<void> {
    if (!/^[a-z_][a-z0-9_]{0,62}$/.test(publication))
      throw new Problem(422, { type: 'validation', title: 'A publication has a name in small letters' });
    await this.database.transaction(async (manager) => {
      const found: { tables: string[] }[] = await manager.query(
        `SELECT ARRAY(SELECT schemaname || '.' || tablename FROM pg_publication_tables WHERE pubname = $1) AS tables
           FROM pg_publication WHERE pubname = $1`,
        [publication],
      );
      const missing = capturedTables
        .map((table) => `public.${table}`)
        .filter((table) => !found[0]?.tables.includes(table));
      if (found[0] === undefined)
        await manager.query(`CREATE PUBLICATION ${publication} FOR TABLE ${missing.join(', ')}`);
      else if (missing.length > 0)
        await manager.query(`ALTER PUBLICATION ${publication} ADD TABLE ${missing.join(', ')}`);
    });
  }
}
