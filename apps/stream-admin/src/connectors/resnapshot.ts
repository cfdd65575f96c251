import { readTopic, type KafkaClientOptions, type RecordProducer } from '@isobar/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectClient } from './connect-client.js';
import type { ConnectorFile } from './connector-files.js';
import type { ReplicationClient, ReplicationNames } from './replication-client.js';
import { replicationNames } from './replication-trouble.js';

/** How long Connect may take for one step; a worker that starts is slow. */
const stepMs = 60_000;
const pauseMs = 300;
/** A task that has not taken its slot by then will not. */
const runMaxMs = 18_000;
const dropIt = 'drop it with the role isobar_cdc: SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots';

/** Held by a connector only while a new snapshot is prepared: its stop then drops the slot, with the rights of the capture role. */
const dropsSlot = { 'slot.drop.on.stop': 'true' } as const;

/** Whether a new snapshot was begun and not finished. */
export const isHalfway = (held: Readonly<Record<string, string>>): boolean => held['slot.drop.on.stop'] === 'true';

interface CapturedTable {
  readonly table: string;
  readonly topic: string;
}

const captured = /^transforms\.(\w+)\.regex$/;

/** The tables that a connector captures, and where to: what its routes say, whose pattern ends with the name of the table. */
export const capturedTables = (config: Readonly<Record<string, string>>): readonly CapturedTable[] =>
  Object.entries(config).flatMap(([key, pattern]) => {
    const topic = config[`transforms.${captured.exec(key)?.[1]}.replacement`];
    const table = /\w+$/.exec(pattern)?.[0];
    return topic === undefined || table === undefined ? [] : [{ table, topic }];
  });

export interface Resnapshot {
  /** Rows that were deleted while nobody captured it: each got a record without value. */
  readonly removedKeys: number;
}

/** What a new snapshot needs of the world. */
export interface ResnapshotTools {
  readonly connect: ConnectClient;
  readonly replication: ReplicationClient;
  readonly kafka: KafkaClientOptions;
  readonly producer: RecordProducer;
  /** Aborted when the service stops: the next start begins anew. */
  readonly signal: AbortSignal;
}

/**
 * Starts the capture of its tables anew, so that topics and tables agree again: the old slot goes, Connect forgets how far it had read, keys
 * without a row get a record without value, and the connector's snapshot writes every row.
 *
 * @param tell is told each step in words
 * @throws Error with the step that failed; another try starts from the beginning
 */
export async function resnapshot(
  { name, config }: ConnectorFile,
  { connect, replication, kafka, producer, signal }: ResnapshotTools,
  tell: (words: string) => void,
): Promise<Resnapshot> {
  const names = replicationNames(config);
  const tables = capturedTables(config);
  if (names === undefined || tables.length === 0)
    throw new Error(`${name} reads no replication slot, so there is no snapshot to take again`);
  const step = async <T>(what: string, look: () => Promise<T | undefined>): Promise<T> => {
    tell(`a new snapshot is under way: ${what}`);
    let trouble = 'it is not so yet';
    for (const deadline = Date.now() + stepMs; Date.now() < deadline; await delay(pauseMs)) {
      signal.throwIfAborted();
      const found = await look().catch((error: unknown) => {
        trouble = error instanceof Error ? error.message : String(error);
        return undefined;
      });
      if (found !== undefined) return found;
    }
    throw new Error(`the new snapshot stopped at "${what}": ${trouble}`);
  };
  const done = async (act: () => Promise<void>): Promise<true> => {
    await act();
    return true;
  };

  const before = await step('asking PostgreSQL', () => replication.status(names));
  await step('making the publication', () => done(() => replication.publish(names)));
  if (before.slot !== null) {
    await step('telling the connector to leave its slot', () =>
      done(() => connect.putConfig(name, { ...config, ...dropsSlot })),
    );
  }
  const stop = async (): Promise<void> => {
    await step('stopping the connector', () => done(() => connect.stop(name)));
    await step('waiting for its task to end', async () => {
      const status = await connect.status(name);
      return status?.connector.state === 'STOPPED' && status.tasks.length === 0 ? true : undefined;
    });
  };
  // Only a task that runs with the new configuration drops its slot, and Connect does not tell which one a task has.
  for (
    let runMs = 3_000;
    (await step('asking for the slot', () => slotOf(replication, names))).isThere;
    runMs += 3_000
  ) {
    if (runMs > runMaxMs)
      throw new Error(`the new snapshot stopped: the slot ${names.slot} was not dropped; ${dropIt}`);
    await step('starting the connector', () => done(() => connect.resume(name)));
    await step('waiting for its task', async () => ((await connect.status(name))?.tasks.length ? true : undefined));
    await delay(runMs);
    await stop();
    await delay(pauseMs);
  }
  await stop();
  await step('forgetting how far it had read', () => done(() => connect.resetOffsets(name)));
  let removedKeys = 0;
  for (const { table, topic } of tables) {
    const rows = new Set(await step(`reading the keys of ${table}`, () => replication.keys(table)));
    tell(`a new snapshot is under way: removing what no longer is in ${table}`);
    const removed = (await liveKeys(kafka, topic)).filter((key) => !rows.has(key));
    await Promise.all(removed.map((key) => producer.send({ topic, key, value: null })));
    removedKeys += removed.length;
  }
  await step('restoring its configuration', () => done(() => connect.putConfig(name, config)));
  await step('starting the connector', () => done(() => connect.resume(name)));
  await step('waiting for it to read', async () => ((await replication.status(names)).slot?.active ? true : undefined));
  return { removedKeys };
}

async function slotOf(replication: ReplicationClient, names: ReplicationNames): Promise<{ isThere: boolean }> {
  return { isThere: (await replication.status(names)).slot !== null };
}

/** Keys whose newest record has a value. */
async function liveKeys(kafka: KafkaClientOptions, topic: string): Promise<string[]> {
  const live = new Set<string>();
  await readTopic(kafka, topic, ({ key, value }) => {
    if (key === null) return;
    if (value === null) live.delete(key.toString());
    else live.add(key.toString());
  });
  return [...live];
}
