import { Column, Entity, PrimaryGeneratedColumn } from 'typeorm';
import { asNumber, asText } from '../database/lenient-columns.js';

/** Where a person is beside their home. */
@Entity({ name: 'places', synchronize: false })
export class Place {
  @PrimaryGeneratedColumn('identity', { type: 'bigint' })
  id!: string;

  @Column({ name: 'user_id', type: 'bigint' })
  userId!: string;

  @Column({ type: 'text', transformer: asText })
  name!: string;

  @Column({ name: 'city_key', type: 'text', transformer: asText })
  cityKey!: string;

  @Column({ name: 'updated_at_ms', type: 'bigint', insert: false, update: false, transformer: asNumber })
  updatedAtMs!: number | null;
}
