import type { Broker, BrokerReader, FetchedPartition, PartitionOffset } from '../ports/broker.js';
import type { FetchedRecords } from '../ports/record-columns.js';
import { sleep, timers, type Scheduler } from '../ports/scheduler.js';
import {
  InvalidSchemaError,
  SchemaNotFoundError,
  type RegisteredSchema,
  type SchemaRegistry,
} from '../ports/schema-registry.js';
import { HEADER_LENGTH } from '../serde/registry-serde.js';
import { GrowingSchemaTable } from '../serde/schema-table.js';

const FIRST_BACKOFF_MS = 250;
const BACKOFF_MAX_MS = 10_000;
/** So many ids are asked for at a time: a batch of garbage may hold thousands that look like one, each of which would be a connection. */
const ASKED_AT_ONCE_MAX = 16;

/** An id that records bear and that the registry could not be asked about yet. */
export interface SchemaWait {
  readonly schemaId: number;
  /** What the registry answered last, or why it did not. */
  readonly reason: string;
  readonly sinceMs: number;
}

interface Look {
  readonly done: Promise<void>;
  wait: SchemaWait | undefined;
}

/** The schemas of all ids that a process has met: each is asked for once, however many queries meet it. */
export class KnownSchemas {
  readonly table = new GrowingSchemaTable();
  readonly #looks = new Map<number, Look>();
  readonly #closing = new AbortController();
  #placesLeft = ASKED_AT_ONCE_MAX;
  readonly #waitingForPlace: (() => void)[] = [];

  constructor(
    private readonly registry: Pick<SchemaRegistry, 'byId'>,
    private readonly clock: { nowMs(): number },
    private readonly scheduler: Scheduler = timers,
  ) {}

  /** Settles when something is known of the id; undefined when that is so already. */
  look(id: number): Promise<void> | undefined {
    if (this.table.find(id) !== undefined) return undefined;
    return this.#lookOf(id).done;
  }

  /** Why an id is not known yet, once the registry has failed to tell. */
  waitFor(id: number): SchemaWait | undefined {
    return this.#looks.get(id)?.wait;
  }

  /** Nothing is asked any more; who waits goes on waiting. */
  close(): void {
    this.#closing.abort();
  }

  #lookOf(id: number): Look {
    const under = this.#looks.get(id);
    if (under !== undefined) return under;
    const { promise, resolve } = Promise.withResolvers<void>();
    const look: Look = { done: promise, wait: undefined };
    this.#looks.set(id, look);
    void this.#ask(id, look).then(() => {
      if (this.table.find(id) !== undefined) resolve();
    });
    return look;
  }

  async #ask(id: number, look: Look): Promise<void> {
    const { signal } = this.#closing;
    const sinceMs = this.clock.nowMs();
    for (let backoffMs = FIRST_BACKOFF_MS; !signal.aborted; backoffMs = Math.min(backoffMs * 2, BACKOFF_MAX_MS)) {
      try {
        this.table.add(id, await this.#askOnce(id));
        break;
      } catch (error) {
        // It may be away, or not let us until somebody mends that: in neither case is anything wrong with the record.
        look.wait = { schemaId: id, reason: error instanceof Error ? error.message : String(error), sinceMs };
      }
      await sleep(this.scheduler, backoffMs, signal);
    }
    this.#looks.delete(id);
  }

  /** The schema, or why there is none. No registry gives a negative id; some refuse to be asked for one. */
  async #askOnce(id: number): Promise<RegisteredSchema | string> {
    const none = `the schema registry has no schema with id ${id}`;
    if (id < 0) return none;
    if (this.#placesLeft > 0) this.#placesLeft--;
    else await new Promise<void>((take) => this.#waitingForPlace.push(take));
    try {
      return await this.registry.byId(id);
    } catch (error) {
      if (error instanceof SchemaNotFoundError) return none;
      // The registry has answered, and would answer the same again.
      if (error instanceof InvalidSchemaError) return `the schema with id ${id} cannot be had: ${error.message}`;
      throw error;
    } finally {
      // The newest first: another query's single id comes before what is left of thousands.
      const next = this.#waitingForPlace.pop();
      if (next === undefined) this.#placesLeft++;
      else next();
    }
  }
}

/** What of a topic's records bears the ids of schemas. */
export interface RegistryParts {
  readonly key: boolean;
  readonly value: boolean;
}

/**
 * Holds back what was read until the schemas of all its ids are known. Meanwhile polls give nothing, so that its owner goes on with
 * what else there is to do.
 */
class AdmittingReader implements BrokerReader {
  #held: readonly FetchedPartition[] | undefined;
  /** Settles when all that the held batch needs is known. One for all polls: an outage may last for thousands of them. */
  #allKnown: Promise<unknown> | undefined;
  #wakeUp: () => void = () => undefined;

  constructor(
    private readonly reader: BrokerReader,
    private readonly parts: ReadonlyMap<string, RegistryParts>,
    private readonly known: KnownSchemas,
    private readonly scheduler: Scheduler,
    private readonly onWait: (ids: readonly number[]) => void,
  ) {}

  async poll(
    maxWaitMs: number,
    wants?: (topic: string, partition: number) => boolean,
  ): Promise<readonly FetchedPartition[]> {
    // From here on: what is interrupted while it fetches does not wait for schemas either.
    const stop = new AbortController();
    this.#wakeUp = () => stop.abort();
    const fetched = this.#held ?? (await this.reader.poll(maxWaitMs, wants));
    let missing = this.#missing(fetched);
    if (missing.length > 0) {
      this.#held = fetched;
      this.onWait(missing);
      this.#allKnown ??= Promise.all(missing.flatMap((id) => this.known.look(id) ?? []));
      await Promise.race([this.#allKnown, sleep(this.scheduler, maxWaitMs, stop.signal)]);
      stop.abort();
      missing = this.#missing(this.#held);
      if (missing.length > 0) return [];
    }
    const admitted = this.#held ?? fetched;
    this.#held = undefined;
    this.#allKnown = undefined;
    this.onWait(missing);
    return admitted;
  }

  interrupt(): void {
    this.#wakeUp();
    this.reader.interrupt();
  }

  moveTo(position: PartitionOffset): void {
    const isOther = ({ topic, partition }: FetchedPartition): boolean =>
      topic !== position.topic || partition !== position.partition;
    this.#held = this.#held?.filter(isOther);
    this.#allKnown = undefined;
    this.reader.moveTo(position);
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  #missing(fetched: readonly FetchedPartition[]): readonly number[] {
    const ids = new Set<number>();
    for (const { topic, records } of fetched) {
      const parts = this.parts.get(topic);
      if (parts !== undefined) collectIds(records, parts, ids);
    }
    return [...ids].filter((id) => this.known.table.find(id) === undefined);
  }
}

/** The ids of all headers that are ones; what is none is told of where it is read. */
function collectIds(records: FetchedRecords, { key, value }: RegistryParts, ids: Set<number>): void {
  const { parts, length } = records;
  const collect = (starts: readonly number[], ends: readonly number[]): void => {
    let last = -1;
    for (let i = 0; i < length; i++) {
      const start = starts[i] as number;
      if (start < 0 || (ends[i] as number) - start < HEADER_LENGTH) continue;
      const buffer = parts.buffers[i] as Buffer;
      if (buffer[start] !== 0) continue;
      const id = buffer.readInt32BE(start + 1);
      if (id !== last) ids.add((last = id));
    }
  };
  if (key) collect(parts.keyStarts, parts.keyEnds);
  if (value) collect(parts.valueStarts, parts.valueEnds);
}

/**
 * The way to readers that hand out nothing whose schema is unknown; the way itself where no topic has ids of schemas.
 *
 * @param onWait told the ids that a reader waits for, and an empty list once it has what it waited for
 */
export function admitting<B extends Pick<Broker, 'openReader'>>(
  broker: B,
  parts: ReadonlyMap<string, RegistryParts>,
  known: KnownSchemas | undefined,
  onWait: (ids: readonly number[]) => void = () => undefined,
  scheduler: Scheduler = timers,
): Pick<Broker, 'openReader'> {
  if (known === undefined || parts.size === 0) return broker;
  return {
    openReader: async (positions, bytesMax) =>
      new AdmittingReader(await broker.openReader(positions, bytesMax), parts, known, scheduler, onWait),
  };
}
