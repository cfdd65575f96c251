import { Column, Entity, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';

/**
 * A row may hold what this service would never write: others change the database too, and a column can be given another type. Each
 * value that cannot be shown becomes null by itself, so that no person takes the others of a list down.
 */
const leniently = (from: (value: unknown) => unknown): ValueTransformer => ({ to: (value: unknown) => value, from });

/** PostgreSQL hands 64 bits and decimals over as text, and knows NaN and infinity. */
const asNumber = leniently((value) => {
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
});

const asText = leniently((value) => (typeof value === 'string' || value === null ? value : textOf(value)));

/** `infinity` comes as a number, a year that JavaScript does not have as an invalid date. */
const asDate = leniently((value) => {
  const date = value instanceof Date ? value : typeof value === 'string' ? new Date(value) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? null : date;
});

const textOf = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

@Entity({ name: 'users', synchronize: false })
export class User {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ type: 'text', transformer: asText })
  username!: string;

  @Column({ name: 'full_name', type: 'text', transformer: asText })
  fullName!: string;

  @Column({ type: 'text', transformer: asText })
  email!: string;

  @Column({ name: 'city_key', type: 'text', transformer: asText })
  cityKey!: string;

  @Column({ name: 'temp_high_f', type: 'double precision', nullable: true, transformer: asNumber })
  tempHighF!: number | null;

  @Column({ name: 'temp_low_f', type: 'double precision', nullable: true, transformer: asNumber })
  tempLowF!: number | null;

  @Column({ name: 'aqi_limit', type: 'integer', nullable: true, transformer: asNumber })
  aqiLimit!: number | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false, transformer: asDate })
  createdAt!: Date | null;

  @Column({ name: 'updated_at', type: 'timestamptz', insert: false, update: false, transformer: asDate })
  updatedAt!: Date | null;

  @Column({ name: 'updated_at_ms', type: 'bigint', insert: false, update: false, transformer: asNumber })
  updatedAtMs!: number | null;
}
