import pg from 'pg';

export type Connection = pg.ClientConfig;

/** A database is a copy of another one, which takes a while on a busy disk. */
export const createTimeoutMs = 120_000;

/**
 * Runs statements one after the other over a connection of their own.
 *
 * @param timeoutMs for the connection, and for each statement
 * @returns the rows of the last one
 * @throws the server's error, or that nobody answers
 */
export async function query(
  connection: Connection,
  timeoutMs: number,
  ...statements: string[]
): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: timeoutMs, query_timeout: timeoutMs });
  // Without a listener, a server that stops under us would end this process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) rows = (await client.query<Record<string, unknown>>(statement)).rows;
    return rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** How the stack's superuser gets in. */
export const superuser = (port: number, password: string): Connection => ({
  host: '127.0.0.1',
  port,
  user: 'postgres',
  password,
});

export interface Role {
  readonly name: string;
  /** Beside LOGIN. */
  readonly attributes?: string;
  readonly password: string;
}

/** Makes the role if there is none; its password follows the secrets folder. Names are ours and passwords base64url: nothing is quoted. */
export async function ensureRole(connection: Connection, { name, attributes = '', password }: Role): Promise<void> {
  const found = await query(connection, createTimeoutMs, `SELECT 1 FROM pg_roles WHERE rolname = '${name}'`);
  const verb = found.length > 0 ? 'ALTER' : 'CREATE';
  await query(connection, createTimeoutMs, `${verb} ROLE ${name} LOGIN ${attributes} PASSWORD '${password}'`);
}

/** Makes the database if there is none. */
export async function ensureDatabase(connection: Connection, name: string, owner: string): Promise<void> {
  const found = await query(connection, createTimeoutMs, `SELECT 1 FROM pg_database WHERE datname = '${name}'`);
  if (found.length === 0) await query(connection, createTimeoutMs, `CREATE DATABASE ${name} OWNER ${owner}`);
}
