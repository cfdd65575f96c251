import { z } from 'zod';

const statusSchema = z.object({
  slot: z
    .object({
      name: z.string(),
      active: z.boolean(),
      walStatus: z.string().nullable(),
      invalidationReason: z.string().nullable(),
      retainedBytes: z.number().nullable(),
    })
    .nullable(),
  publication: z.object({ name: z.string(), tables: z.array(z.string()) }).nullable(),
});
export type ReplicationStatus = z.infer<typeof statusSchema>;

/** The slot and the publication that a connector reads. */
export interface ReplicationNames {
  readonly slot: string;
  readonly publication: string;
}

/** user-service knows PostgreSQL; this asks it about the way by which changes leave. */
export class ReplicationClient {
  constructor(
    private readonly url: string,
    private readonly token: string | undefined,
    private readonly timeoutMs = 3_000,
  ) {}

  async status(names: ReplicationNames): Promise<ReplicationStatus> {
    return statusSchema.parse(await this.call('GET', `/replication?${query(names)}`));
  }

  /** Makes the publication where it is missing. */
  async publish(names: ReplicationNames): Promise<void> {
    await this.call('POST', `/replication/publication?${query(names)}`);
  }

  /** The keys of all rows of a table, as the connector writes them. */
  async keys(table: string): Promise<readonly string[]> {
    const answer = await this.call('GET', `/replication/keys?${new URLSearchParams({ table }).toString()}`);
    return z.object({ keys: z.array(z.string()) }).parse(answer).keys;
  }

  private async call(method: string, path: string): Promise<unknown> {
    const answer = await fetch(this.url + path, {
      method,
      signal: AbortSignal.timeout(this.timeoutMs),
      headers: this.token === undefined ? {} : { Authorization: `Bearer ${this.token}` },
    }).catch((error: unknown) => {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new Error(`no answer from user-service at ${this.url} (${cause})`);
    });
    if (answer.ok) return answer.json();
    throw new Error(`user-service answered ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
  }
}

const query = ({ slot, publication }: ReplicationNames): string =>
  new URLSearchParams({ slot, publication }).toString();
