import { setTimeout as delay } from 'node:timers/promises';
import { WriterFencedError, type Broker, type TransactionalWriter } from '../ports/broker.js';

const MARKER_ATTEMPTS = 1_000;
const MARKER_PAUSE_MS = 10;

/** One accepted statement. The log is the truth about what a server runs; its offset numbers the query ids. */
export interface Command {
  readonly commandId: string;
  readonly statement: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly variables: Readonly<Record<string, string>>;
}
export interface LoggedCommand extends Command {
  readonly sequenceNumber: number;
}

/** The command topic of one service id: one partition, kept for ever, replayed at every start. */
export class CommandLog {
  readonly topic: string;
  #end = 0;
  #writer: TransactionalWriter | undefined;
  /** What a failed commit left takes offsets too. */
  #mayHaveMoved = false;

  constructor(
    private readonly broker: Broker,
    serviceId: string,
    private readonly replicas: number,
  ) {
    this.topic = `_confluent-ksql-${serviceId}_command_topic`;
  }

  /** The number that the next command will get. */
  get nextSequenceNumber(): number {
    return this.#end;
  }

  /** Makes the topic when it is missing, and reads all commands. Lines that are no command are reported, not fatal. */
  async open(onUnreadable: (offset: number, reason: string) => void): Promise<readonly LoggedCommand[]> {
    const topics = await this.broker.listTopics();
    if (!topics.has(this.topic)) {
      await this.broker.createTopics([
        {
          topic: this.topic,
          partitions: 1,
          replicas: this.replicas,
          config: { 'retention.ms': '-1', 'cleanup.policy': 'delete' },
        },
      ]);
      return [];
    }
    const bound = (await this.broker.bounds(this.topic))[0];
    if (!bound || bound.end === bound.start) {
      this.#end = bound?.end ?? 0;
      return [];
    }
    const reader = await this.broker.openReader([{ topic: this.topic, partition: 0, offset: bound.start }]);
    const commands: LoggedCommand[] = [];
    try {
      for (let next = bound.start; next < bound.end;) {
        for (const part of await reader.poll(500)) {
          next = part.nextOffset;
          for (const record of part.records) {
            const command = parseCommand(record.key, record.value);
            if (typeof command === 'string') onUnreadable(record.offset, command);
            else commands.push({ ...command, sequenceNumber: record.offset });
          }
        }
      }
    } finally {
      await reader.close();
    }
    this.#end = bound.end;
    return commands;
  }

  /**
   * Appends one command in a transaction of its own and gives its sequence number. Since the transactional id belongs to the
   * service id, a second server of the same service fences this one: its next append fails. After any other failure the next append
   * has a new writer: that of a failed commit is of no more use.
   */
  async append(command: Command, nowMs: number): Promise<number> {
    const writer = (this.#writer ??= await this.#openWriter());
    const sequenceNumber = this.#end;
    const value = {
      statement: command.statement,
      streamsProperties: command.properties,
      sessionVariables: command.variables,
      version: 1,
    };
    const key = Buffer.from(JSON.stringify(command.commandId));
    const bytes = Buffer.from(JSON.stringify(value));
    const record = { topic: this.topic, partition: 0, key, value: bytes, timestamp: nowMs, headers: [] };
    try {
      await writer.commit([record], []);
    } catch (error) {
      if (!(error instanceof WriterFencedError)) {
        this.#writer = undefined;
        this.#mayHaveMoved = true;
        await writer.close();
      }
      throw error;
    }
    this.#end = await this.#endBehind(sequenceNumber);
    return sequenceNumber;
  }

  async #openWriter(): Promise<TransactionalWriter> {
    const writer = await this.broker.openWriter(`${this.topic}-writer`);
    if (this.#mayHaveMoved) this.#end = (await this.broker.bounds(this.topic))[0]?.end ?? this.#end;
    this.#mayHaveMoved = false;
    return writer;
  }

  /** The end of committed records lags behind the commit until the broker has written the transaction's marker. */
  async #endBehind(sequenceNumber: number): Promise<number> {
    for (let attempt = 0; attempt < MARKER_ATTEMPTS; attempt++) {
      const end = (await this.broker.bounds(this.topic))[0]?.end ?? 0;
      if (end > sequenceNumber) return end;
      await delay(MARKER_PAUSE_MS);
    }
    throw new Error(`the command topic ${this.topic} does not show command ${sequenceNumber}`);
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}

function parseCommand(key: Uint8Array | null, value: Uint8Array | null): Command | string {
  if (!key || !value) return 'empty key or value';
  try {
    const commandId: unknown = JSON.parse(Buffer.from(key).toString('utf8'));
    const body: unknown = JSON.parse(Buffer.from(value).toString('utf8'));
    if (typeof commandId !== 'string' || typeof body !== 'object' || body === null) return 'not a command';
    const { statement, streamsProperties, sessionVariables } = body as Record<string, unknown>;
    if (typeof statement !== 'string') return 'no statement';
    return { commandId, statement, properties: textMap(streamsProperties), variables: textMap(sessionVariables) };
  } catch (error) {
    return `not JSON: ${String(error)}`;
  }
}

function textMap(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)]));
}
