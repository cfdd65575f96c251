import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { asNumber, asText } from '../database/lenient-columns.js';
import type { Channel, Comparison, Metric, Severity } from './rule-fields.js';

/** When a person wants to be told. Its city, limit and version are the database's: they follow whoever writes. */
@Entity({ name: 'alert_rules', synchronize: false })
export class Rule {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ name: 'user_id', type: 'bigint' })
  userId!: string;

  /** null: the home of the person. */
  @Column({ name: 'place_id', type: 'bigint', nullable: true, transformer: asNumber })
  placeId!: number | null;

  @Column({ type: 'text', transformer: asText })
  name!: string;

  @Column({ type: 'text', transformer: asText })
  metric!: Metric;

  @Column({ type: 'text', transformer: asText })
  comparison!: Comparison;

  @Column({ type: 'double precision', transformer: asNumber })
  threshold!: number;

  @Column({ type: 'double precision', transformer: asNumber })
  deadband!: number;

  @Column({ name: 'on_delay_ms', type: 'bigint', transformer: asNumber })
  onDelayMs!: number;

  @Column({ name: 'off_delay_ms', type: 'bigint', transformer: asNumber })
  offDelayMs!: number;

  @Column({ name: 'cool_down_ms', type: 'bigint', transformer: asNumber })
  coolDownMs!: number;

  @Column({ type: 'text', transformer: asText })
  severity!: Severity;

  @Column({ name: 'quiet_from', type: 'time', nullable: true, transformer: asText })
  quietFrom!: string | null;

  @Column({ name: 'quiet_to', type: 'time', nullable: true, transformer: asText })
  quietTo!: string | null;

  @Column({ name: 'quiet_zone', type: 'text', nullable: true, transformer: asText })
  quietZone!: string | null;

  @Column({ type: 'text', array: true })
  channels!: Channel[];

  @Column({ type: 'boolean' })
  enabled!: boolean;

  @Column({ name: 'city_key', type: 'text', nullable: true, insert: false, update: false, transformer: asText })
  cityKey!: string | null;

  @Column({ name: 'limit_id', type: 'bigint', nullable: true, insert: false, update: false, transformer: asNumber })
  limitId!: number | null;

  @Column({ type: 'integer', insert: false, update: false, transformer: asNumber })
  version!: number;

  @Column({ name: 'updated_at_ms', type: 'bigint', insert: false, update: false, transformer: asNumber })
  updatedAtMs!: number | null;
}
