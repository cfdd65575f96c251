import { z } from 'zod';

const statusSchema = z.looseObject({
  name: z.string(),
  connector: z.looseObject({ state: z.string(), worker_id: z.string().default(''), trace: z.string().optional() }),
  tasks: z.array(
    z.looseObject({
      id: z.number(),
      state: z.string(),
      worker_id: z.string().default(''),
      trace: z.string().optional(),
    }),
  ),
  type: z.string().default('source'),
});
export type ConnectStatus = z.infer<typeof statusSchema>;

const configSchema = z.record(z.string(), z.string());
const offsetsSchema = z.looseObject({ offsets: z.array(z.unknown()) });
const errorSchema = z.looseObject({ message: z.string() });

/** Connect refused or could not be reached. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  constructor(
    /** HTTP status; 0 when there was no answer. */
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  /** A worker that starts or rebalances says 404, 409, 500 (its own time-out) or 503, or does not answer yet. */
  get isStarting(): boolean {
    return this.status !== 400 && this.status !== 401 && this.status !== 403 && this.status !== 422;
  }
}

/** The few calls of Kafka Connect's REST interface that we need. */
export class ConnectClient {
  constructor(
    private readonly url: string,
    private readonly timeoutMs = 10_000,
  ) {}

  /** The configuration as Connect holds it, with its references unresolved; undefined when there is no such connector. */
  async config(name: string): Promise<Readonly<Record<string, string>> | undefined> {
    return this.orUndefined(async () =>
      configSchema.parse(await this.call('GET', `/connectors/${encodeURIComponent(name)}/config`)),
    );
  }

  async putConfig(name: string, config: Readonly<Record<string, string>>): Promise<void> {
    await this.call('PUT', `/connectors/${encodeURIComponent(name)}/config`, config);
  }

  /** Undefined while Connect has not placed the connector yet. */
  async status(name: string, timeoutMs?: number): Promise<ConnectStatus | undefined> {
    return this.orUndefined(async () =>
      statusSchema.parse(
        await this.call('GET', `/connectors/${encodeURIComponent(name)}/status`, undefined, timeoutMs),
      ),
    );
  }

  /** Restarts the connector's failed instances: itself, its tasks, or both. */
  async restartFailed(name: string): Promise<void> {
    await this.call('POST', `/connectors/${encodeURIComponent(name)}/restart?includeTasks=true&onlyFailed=true`);
  }

  /** Ends its tasks and keeps its configuration; only then its offsets can be reset. */
  async stop(name: string): Promise<void> {
    await this.call('PUT', `/connectors/${encodeURIComponent(name)}/stop`);
  }

  async resume(name: string): Promise<void> {
    await this.call('PUT', `/connectors/${encodeURIComponent(name)}/resume`);
  }

  /** Whether Connect remembers how far it has read. */
  async hasOffsets(name: string): Promise<boolean> {
    const answer = await this.orUndefined(() => this.call('GET', `/connectors/${encodeURIComponent(name)}/offsets`));
    return answer !== undefined && offsetsSchema.parse(answer).offsets.length > 0;
  }

  async resetOffsets(name: string): Promise<void> {
    await this.call('DELETE', `/connectors/${encodeURIComponent(name)}/offsets`);
  }

  private async orUndefined<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (error instanceof ConnectError && error.status === 404) return undefined;
      throw error;
    }
  }

  private async call(method: string, path: string, body?: unknown, timeoutMs = this.timeoutMs): Promise<unknown> {
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(this.url + path, {
        method,
        signal: AbortSignal.timeout(timeoutMs),
        ...(body !== undefined && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
      });
      text = await answer.text();
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new ConnectError(0, `No answer from Kafka Connect at ${this.url} (${cause}). Is CONNECT_URL right?`);
    }
    const content = parseJson(text);
    if (answer.ok) return content;
    const known = errorSchema.safeParse(content);
    throw new ConnectError(
      answer.status,
      known.success ? known.data.message : `Kafka Connect answered HTTP ${answer.status}`,
    );
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
