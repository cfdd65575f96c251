import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { asDate, asNumber, asText } from '../database/lenient-columns.js';

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
