import { Column, Entity, PrimaryGeneratedColumn, type ValueTransformer } from 'typeorm';

/** PostgreSQL hands 64 bits over as text; our ids and times stay far below 2^53. */
const asNumber: ValueTransformer = {
  to: (value: unknown) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

@Entity({ name: 'users', synchronize: false })
export class User {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ type: 'text' })
  username!: string;

  @Column({ name: 'full_name', type: 'text' })
  fullName!: string;

  @Column({ type: 'text' })
  email!: string;

  @Column({ name: 'city_key', type: 'text' })
  cityKey!: string;

  @Column({ name: 'temp_high_f', type: 'double precision', nullable: true })
  tempHighF!: number | null;

  @Column({ name: 'temp_low_f', type: 'double precision', nullable: true })
  tempLowF!: number | null;

  @Column({ name: 'aqi_limit', type: 'integer', nullable: true })
  aqiLimit!: number | null;

  @Column({ name: 'created_at', type: 'timestamptz', insert: false, update: false })
  createdAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz', insert: false, update: false })
  updatedAt!: Date;

  @Column({ name: 'updated_at_ms', type: 'bigint', insert: false, update: false, transformer: asNumber })
  updatedAtMs!: number;
}
