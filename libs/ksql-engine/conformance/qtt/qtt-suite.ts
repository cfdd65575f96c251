import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KsqlTestDriver, type DriverRecord } from '../../src/testing/topology-driver.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { createFunctionRegistry } from '../../src/functions/registry.js';
import type { DataSource, FormatInfo } from '../../src/catalog/data-source.js';
import { KsqlStatementError } from '../../src/errors/sql-error.js';
import { subjectOf } from '../../src/ports/schema-registry.js';
import { formatOf } from '../../src/serde/formats.js';
import type { Column } from '../../src/catalog/schema.js';
import type { RegistryContents } from '../../src/testing/schema-registry/registry-contents.js';
import type { ExactJson } from '../exact-json.js';
import { CacheBudget } from '../../src/state/cached/cache-budget.js';
import { TaskState } from '../../src/state/cached/task-state.js';
import { DiskState } from '../../src/state/disk/disk-state.js';
import { caseId, staleGaps, verdict } from '../known-gaps.js';
import type { CaseResult, Suite } from '../suite.js';
import { testFunctions } from '../test-functions/test-functions.js';
import { difference } from './compare.js';
import { knownGaps } from './known-gaps.js';
import { checkPost } from './post-conditions.js';
import { registeredBytes, registeredSpec, registryOf } from './registered-schemas.js';
import { loadQttCases, type QttCase, type QttRecord } from './qtt-case.js';
import { bytesToSpec, specToBytes, splitWindow, withWindow } from './spec-bytes.js';

/** Functions of the current time expect one long after the epoch. */
const WALL_CLOCK_MS = Date.UTC(2025, 0, 1);

/** Runs ksqlDB's query-validation cases on the embedded driver. */
export const qttSuite: Suite = async ({ casesFolder, filter, isOnDisk = false }) => {
  const cases = await loadQttCases(casesFolder);
  const wanted = cases.filter((testCase) => filter === undefined || caseId(testCase).includes(filter));
  const results = wanted.map((testCase) => (isOnDisk ? onDisk((open) => judge(testCase, open)) : judge(testCase)));
  return filter === undefined ? [...results, ...staleGaps('qtt', cases, knownGaps)] : results;
};

function judge(testCase: QttCase, openState?: () => TaskState): CaseResult {
  let failure: string | undefined;
  try {
    failure = runCase(testCase, openState);
  } catch (error) {
    failure = `${error instanceof Error ? `${error.name}: ${error.message}\n${error.stack ?? ''}` : String(error)}`;
  }
  return verdict('qtt', testCase, failure, knownGaps);
}

/** With states of which nothing that was stored stays in memory. */
function onDisk<T>(work: (openState: () => TaskState) => T): T {
  // What is synced costs nothing there.
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'isobar-qtt-'));
  const disk = new DiskState(folder);
  const opened: TaskState[] = [];
  try {
    return work(() => {
      const identity = { applicationId: 'qtt', taskId: String(opened.length), fingerprint: '' };
      const state = new TaskState(
        disk.open(identity, () => undefined),
        new CacheBudget(0),
      );
      opened.push(state);
      return state;
    });
  } finally {
    for (const state of opened) state.close();
    rmSync(folder, { recursive: true });
  }
}

function runCase(testCase: QttCase, openState: (() => TaskState) | undefined): string | undefined {
  const functions = createFunctionRegistry(testFunctions);
  const registry = registryOf(testCase, functions);
  const driver = new KsqlTestDriver({
    registry,
    functions,
    clock: new ManualClock(WALL_CLOCK_MS),
    storesPlans: true,
    openState,
  });
  for (const topic of testCase.topics) driver.registerTopic(topic.name, topic.partitions);
  try {
    driver.execute(testCase.statements.join('\n'), testCase.properties);
    if (driver.queries.length === 0 && !testCase.expectedException) return 'no persistent query was created';
    driver.runInputs(testCase.inputs.map((input) => toBytes(input, driver.sources, registry)));
  } catch (error) {
    return testCase.expectedException ? refusalDifference(testCase, error) : rethrow(error);
  }
  if (testCase.expectedException) return `was accepted; expected ${testCase.expectedException.message ?? 'a refusal'}`;
  return (
    outputDifference(testCase, driver, registry) ??
    (testCase.post ? checkPost(testCase.post, driver, registry) : undefined)
  );
}

function rethrow(error: unknown): never {
  throw error;
}

/** The published harness compares Java classes; a statement exception is a KSQL exception too. */
function refusalDifference(testCase: QttCase, error: unknown): string | undefined {
  if (!(error instanceof Error)) return `threw ${String(error)}`;
  const { type, message } = testCase.expectedException ?? {};
  const wanted = type?.split('.').pop();
  const lattice: readonly string[] =
    error instanceof KsqlStatementError ? [error.name, 'KsqlStatementException', 'KsqlException'] : [error.name];
  if (wanted !== undefined && !lattice.includes(wanted)) {
    return `expected ${wanted}, got ${error.name}: ${error.message}\n${error.stack ?? ''}`;
  }
  // What Kafka Streams wraps around it, this engine does not have: it is the cause that must be told.
  const wrapped = testCase.expectedException?.causeMessage;
  if (wanted === 'StreamsException' && wrapped !== undefined) {
    return error.message.includes(wrapped) ? undefined : `expected the cause ${wrapped}, got ${error.message}`;
  }
  const texts = [error.message];
  if (error instanceof KsqlStatementError) texts.push(`${error.message}\nStatement: ${error.statementText}`);
  if (message !== undefined && !texts.some((text) => text.includes(message))) {
    return `expected the message to contain\n${message}\ngot\n${texts.at(-1)}`;
  }
  return undefined;
}

function toBytes(
  record: QttRecord,
  sources: readonly DataSource[],
  registry: RegistryContents,
): DriverRecord & { readonly topic: string } {
  const source = sources.find((candidate) => candidate.topic.topic === record.topic);
  const keyInfo = source?.topic.keyFormat ?? { format: 'KAFKA', properties: {} };
  const valueInfo = source?.topic.valueFormat ?? { format: 'JSON', properties: {} };
  const partToBytes = (node: ExactJson, isKey: boolean): Buffer | null => {
    const info = isKey ? keyInfo : valueInfo;
    if (formatOf(info).registry !== undefined)
      return registeredBytes(node, info, registry, subjectOf(record.topic, isKey));
    return specToBytes(node, info, (isKey ? source?.schema.key : source?.schema.value) ?? []);
  };
  const key = partToBytes(record.key, true);
  return {
    topic: record.topic,
    key: record.window ? withWindow(key, record.window) : key,
    value: partToBytes(record.value, false),
    timestamp: record.timestamp ?? 0,
    headers: record.headers,
  };
}

function outputDifference(testCase: QttCase, driver: KsqlTestDriver, registry: RegistryContents): string | undefined {
  const exactNumbers = testCase.properties.get('use.exact.numeric.comparison') !== 'false';
  for (const [topic, expected] of Map.groupBy(testCase.outputs, (output) => output.topic)) {
    const actual = driver.topicRecords(topic);
    const source = driver.sources.find((candidate) => candidate.topic.topic === topic);
    const shown = () => actual.map((record) => showRecord(record, source)).join('\n  ');
    if (actual.length !== expected.length) {
      return `topic ${topic}: expected ${expected.length} records, got ${actual.length}:\n  ${shown()}`;
    }
    for (const [index, wanted] of expected.entries()) {
      const why = recordDifference(
        wanted,
        actual[index]!,
        source,
        exactNumbers,
        testCase.inputs.length === 0,
        registry,
      );
      if (why !== undefined) return `topic ${topic}, record ${index}: ${why}\n  ${shown()}`;
    }
  }
  return undefined;
}

function recordDifference(
  expected: QttRecord,
  actual: DriverRecord,
  source: DataSource | undefined,
  exactNumbers: boolean,
  isDrivenByInserts: boolean,
  registry: RegistryContents,
): string | undefined {
  const key = splitWindow(actual.key, expected.window ? source?.topic.window : undefined);
  const window = JSON.stringify(key.window) === JSON.stringify(expected.window);
  if (!window) return `window: expected ${JSON.stringify(expected.window)}, got ${JSON.stringify(key.window)}`;
  const keyInfo = source?.topic.keyFormat ?? { format: 'KAFKA', properties: {} };
  const valueInfo = source?.topic.valueFormat ?? { format: 'JSON', properties: {} };
  const keyDifference = difference(
    expected.key,
    partToSpec(key.bytes, keyInfo, source?.schema.key ?? [], registry),
    exactNumbers,
    'key',
  );
  if (keyDifference !== undefined) return keyDifference;
  const valueDifference = difference(
    expected.value,
    partToSpec(actual.value, valueInfo, source?.schema.value ?? [], registry),
    exactNumbers,
    'value',
  );
  if (valueDifference !== undefined) return valueDifference;
  const anyTime = expected.timestamp === undefined || (isDrivenByInserts && expected.timestamp === 0);
  if (!anyTime && expected.timestamp !== actual.timestamp) {
    return `timestamp: expected ${expected.timestamp}, got ${actual.timestamp}`;
  }
  const headers = (record: { readonly headers: readonly { key: string; value: Uint8Array | null }[] }) =>
    JSON.stringify(record.headers.map((h) => [h.key, h.value && Buffer.from(h.value).toString('base64')]));
  return headers(expected) === headers(actual)
    ? undefined
    : `headers: expected ${headers(expected)}, got ${headers(actual)}`;
}

function partToSpec(
  bytes: Uint8Array | null,
  info: FormatInfo,
  columns: readonly Column[],
  registry: RegistryContents,
): ExactJson {
  if (bytes === null || formatOf(info).registry === undefined) return bytesToSpec(bytes, info, columns);
  return registeredSpec(Buffer.from(bytes), info, registry);
}

function showRecord(record: DriverRecord, source: DataSource | undefined): string {
  const text = (bytes: Uint8Array | null) =>
    bytes === null ? 'null' : JSON.stringify(Buffer.from(bytes).toString('utf8'));
  return `${source ? '' : '(no source) '}${text(record.key)} -> ${text(record.value)} @${record.timestamp}`;
}
