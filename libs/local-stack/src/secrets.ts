import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from './home.js';

/** The generated passwords of one home. */
export interface Secrets {
  /** PostgreSQL's superuser. */
  readonly postgresPassword: string;
  /** The owner of the `isobar` database: user-service. */
  readonly ownerPassword: string;
  /** Change data capture's role. */
  readonly cdcPassword: string;
}

/** Reads the passwords of a home; those that do not exist yet are made. One file each, readable by the user alone. */
export function loadSecrets(home: StackHome): Secrets {
  const secret = (name: string): string => {
    const file = join(home.secrets, name);
    if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  };
  return {
    postgresPassword: secret('postgres-password'),
    ownerPassword: secret('isobar-password'),
    cdcPassword: secret('isobar-cdc-password'),
  };
}
