import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from './home.js';
import { tokenFile } from './stack-token.js';

/** The generated passwords of one home. */
export interface Secrets {
  /** PostgreSQL's superuser. */
  readonly postgresPassword: string;
  /** The owner of the `isobar` database: user-service. */
  readonly ownerPassword: string;
  /** Change data capture's role. */
  readonly cdcPassword: string;
  /** The owner of the schema registry's database. */
  readonly registryPassword: string;
}

/** Reads the passwords of a home; those that do not exist yet are made. One file each, readable by the user alone. */
export function loadSecrets(home: StackHome): Secrets {
  const secret = (file: string): string => {
    if (!existsSync(file)) writeFileSync(file, randomBytes(18).toString('base64url'), { mode: 0o600 });
    return readFileSync(file, 'utf8').trim();
  };
  const password = (name: string): string => secret(join(home.secrets, name));
  // Read by the programs themselves (`AUTH_TOKEN_FILE`), so that it stands in no environment.
  secret(tokenFile(home));
  return {
    postgresPassword: password('postgres-password'),
    ownerPassword: password('isobar-password'),
    cdcPassword: password('isobar-cdc-password'),
    registryPassword: password('registry-password'),
  };
}
