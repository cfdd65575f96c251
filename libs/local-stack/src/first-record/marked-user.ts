import pg from 'pg';

/** The city of the marked user and reading; no configured city has this id. */
export const probeCity = 'isobar-probe';

/** The marked user's row, inserted as any program would that writes to the database directly. */
export class MarkedUser {
  #isRemoved = false;

  private constructor(
    private readonly client: pg.Client,
    readonly id: string,
  ) {}

  static async insert(databaseUrl: string): Promise<MarkedUser> {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5000 });
    // Without a listener, a server that stops under us would end this process.
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query('DELETE FROM users WHERE city_key = $1', [probeCity]);
      const { rows } = await client.query<{ id: string }>(
        `INSERT INTO users (username, full_name, email, city_key)
         VALUES ($1, 'Start-up probe', 'probe@example.invalid', $2) RETURNING id::text`,
        [`${probeCity}-${Date.now()}`, probeCity],
      );
      const id = rows[0]?.id;
      if (id === undefined) throw new Error('PostgreSQL gave no id for the inserted user');
      return new MarkedUser(client, id);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  }

  /** A second call does nothing. */
  async remove(): Promise<void> {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    try {
      await this.client.query('DELETE FROM users WHERE id = $1', [this.id]);
    } finally {
      await this.client.end().catch(() => undefined);
    }
  }
}
