import { stretchedMs } from '@isobar/local-stack/testing';
import { setTimeout as delay } from 'node:timers/promises';
import {
  isArray,
  parseExactJson,
  printExactJson,
  type ExactJson,
} from '../../../../libs/ksql-engine/conformance/exact-json.js';
import { caseId, staleGaps, verdict } from '../../../../libs/ksql-engine/conformance/known-gaps.js';
import {
  registerGiven,
  registeredBytes,
  registeredSpec,
} from '../../../../libs/ksql-engine/conformance/qtt/registered-schemas.js';
import { subjectOf } from '../../../../libs/ksql-engine/src/ports/schema-registry.js';
import { formatOf } from '../../../../libs/ksql-engine/src/serde/formats.js';
import { SchemaRegistryServer } from '../../../../libs/ksql-engine/src/testing/schema-registry/schema-registry-server.js';
import { difference } from '../../../../libs/ksql-engine/conformance/qtt/compare.js';
import type { QttRecord } from '../../../../libs/ksql-engine/conformance/qtt/qtt-case.js';
import { bytesToSpec, specToBytes, withWindow } from '../../../../libs/ksql-engine/conformance/qtt/spec-bytes.js';
import type { FormatInfo } from '../../../../libs/ksql-engine/src/catalog/data-source.js';
import type { Column } from '../../../../libs/ksql-engine/src/catalog/schema.js';
import type { CaseResult, Suite } from '../../../../libs/ksql-engine/conformance/suite.js';
import { ServerProcess } from '../../src/testing/server-process.js';
import type { KafkaObserver } from '../kafka-observer.js';
import { inLanes, type Lane } from '../lanes.js';
import { openTestBroker } from '../test-broker.js';
import { sendHttp, type Answer } from '../rest/send-http.js';
import { responsesDifference, rowsDifference, type Response } from './compare-responses.js';
import { knownGaps } from './known-gaps.js';
import { readProtobufRows } from './protobuf-rows.js';
import { loadRqttCases, type RqttCase } from './rqtt-case.js';
import { describeSources, type SourceFacts } from './source-facts.js';

/** The published harness runs its server so. */
const ENVIRONMENT = {
  KSQL_KSQL_STREAMS_AUTO_OFFSET_RESET: 'earliest',
  KSQL_KSQL_QUERY_PUSH_V2_ENABLED: 'true',
  KSQL_KSQL_QUERY_PUSH_V2_REGISTRY_INSTALLED: 'true',
  KSQL_KSQL_HEADERS_COLUMNS_ENABLED: 'true',
  KSQL_KSQL_STREAMS_CACHE_MAX_BYTES_BUFFERING: '0',
};
const DEFAULT_PARTITIONS = 4;
const SETTLE_MS = 6_000;
const ANSWER_MS = 12_000;
const PAUSE_MS = 60;

/** A server with a broker of its own. */
interface TestServer extends Lane {
  readonly server: ServerProcess;
  readonly kafka: KafkaObserver;
  readonly registry: SchemaRegistryServer;
}

/** Runs ksqlDB's REST cases on built servers over HTTP and real brokers. */
export const rqttSuite: Suite = async ({ casesFolder, filter }) => {
  const all = await loadRqttCases(casesFolder);
  const cases = all.filter((testCase) => filter === undefined || caseId(testCase).includes(filter));
  const results = await inLanes(cases, openTestServer, (testCase, lane) => judge(testCase, lane));
  return filter === undefined ? [...results, ...staleGaps('rqtt', all, knownGaps)] : results;
};

async function openTestServer(): Promise<TestServer> {
  const { brokers, kafka, close } = await openTestBroker();
  const registry = new SchemaRegistryServer();
  try {
    await registry.start();
    const server = await ServerProcess.start({
      KAFKA_BROKERS: brokers,
      SCHEMA_REGISTRY_URL: registry.url,
      ...ENVIRONMENT,
    });
    return {
      server,
      kafka,
      registry,
      close: async () => {
        await server.end('SIGTERM');
        await registry.stop();
        await close();
      },
    };
  } catch (error) {
    await registry.stop();
    await close();
    throw error;
  }
}

async function judge(testCase: RqttCase, lane: TestServer): Promise<CaseResult> {
  let failure = await failureOf(testCase, lane);
  // A busy machine now and then misses a time limit: what fails twice has failed.
  if (failure !== undefined && !knownGaps.has(caseId(testCase))) failure = await failureOf(testCase, lane);
  return verdict('rqtt', testCase, failure, knownGaps);
}

/** Runs a case and leaves the server empty behind it. */
async function failureOf(testCase: RqttCase, lane: TestServer): Promise<string | undefined> {
  const { server, kafka, registry } = lane;
  let failure: string | undefined;
  try {
    failure = await new CaseRun(testCase, lane).run();
  } catch (error) {
    failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  try {
    await clean(server, kafka);
    for (const subject of registry.contents.subjects()) registry.contents.deleteSubject(subject);
  } catch (error) {
    failure ??= `cleaning up: ${String(error)}`;
  }
  return failure;
}

/** One case on the running server, from its topics to its answers. */
class CaseRun {
  readonly #responses: Response[] = [];

  constructor(
    private testCase: RqttCase,
    private readonly lane: TestServer,
  ) {}

  private get server(): ServerProcess {
    return this.lane.server;
  }
  private get kafka(): KafkaObserver {
    return this.lane.kafka;
  }

  async run(): Promise<string | undefined> {
    // Ids are the registry's, which lives longer than a case: statements name those that it has given.
    const ids = registerGiven(this.lane.registry.contents, this.testCase.topics, false);
    this.testCase = {
      ...this.testCase,
      adminStatements: this.testCase.adminStatements.map((sql) => withIds(sql, ids)),
    };
    const { testCase } = this;
    for (const topic of testCase.topics) await this.kafka.createTopic(topic.name, topic.partitions, {});
    for (const [topic, partitions] of declaredTopics(testCase)) {
      if (!testCase.topics.some(({ name }) => name === topic)) await this.kafka.createTopic(topic, partitions, {});
    }
    const properties = Object.fromEntries(testCase.properties);
    if (testCase.adminStatements.length > 0) {
      const answer = await this.#post('/ksql', testCase.adminStatements.join('\n'), properties);
      if (answer.status !== 200) return this.#refusal(answer);
      const entities = parseExactJson(answer.text);
      if (isArray(entities)) for (const entity of entities) this.#responses.push({ kind: 'admin', entity });
    }
    if (!testCase.producesWhenPushing) await this.#produce();
    for (const [index, sql] of testCase.queries.entries()) {
      const why = await this.#query(sql, properties, this.#responses.length);
      if (why !== undefined || (testCase.expectedError && index === testCase.queries.length - 1)) return why?.text;
    }
    if (testCase.wantsProtobufRows) {
      for (const sql of testCase.queries) {
        const refusal = await this.#protobufQuery(sql);
        if (refusal !== undefined) return refusal;
      }
    }
    if (testCase.expectedError) return 'was accepted';
    return (
      (await this.#outputs()) ??
      responsesDifference(
        testCase.responses,
        this.#responses,
        [...testCase.adminStatements, ...testCase.queries],
        testCase.verifiesOrder,
      )
    );
  }

  /** Sends a SELECT until its answer is the expected one or patience ends; ends the case when it was refused. */
  async #query(
    sql: string,
    properties: Readonly<Record<string, string>>,
    position: number,
  ): Promise<{ readonly text: string | undefined } | undefined> {
    const { testCase } = this;
    const wanted = testCase.responses[position]?.get('query');
    const deadline = performance.now() + stretchedMs(SETTLE_MS);
    const isPush = /\bEMIT\b/i.test(sql);
    for (;;) {
      const answer = await this.#post('/query', sql, properties, testCase.producesWhenPushing);
      if (answer.status !== 200) return { text: this.#refusal(answer) };
      const rows = rowsOf(answer);
      const why = isArray(wanted)
        ? rowsDifference(wanted, rows, `response ${position}`, sql, testCase.verifiesOrder)
        : undefined;
      if (why === undefined || isPush || performance.now() > deadline) {
        this.#responses.push({ kind: 'query', rows });
        return undefined;
      }
      await delay(PAUSE_MS);
    }
  }

  /** The same SELECT once more, with its rows as protobuf. What a plain pull query found is settled by now. */
  async #protobufQuery(sql: string): Promise<string | undefined> {
    const answer = await sendHttp(
      {
        method: 'POST',
        path: '/query-stream',
        httpVersion: '1.1',
        headers: { accept: 'application/vnd.ksql.v1+protobuf' },
        body: { sql, properties: Object.fromEntries(this.testCase.properties) },
      },
      { port: this.server.port, timeoutMs: stretchedMs(ANSWER_MS), isEnough: () => false },
    );
    if (answer.status !== 200) return `refused in protobuf with ${answer.status}: ${answer.text}`;
    this.#responses.push({ kind: 'queryProto', rows: readProtobufRows(rowsOf(answer)) });
    return undefined;
  }

  #post(
    path: string,
    ksql: string,
    streamsProperties: Readonly<Record<string, string>>,
    producesAtHeader = false,
  ): Promise<Answer> {
    let hasProduced = !producesAtHeader;
    return sendHttp(
      { method: 'POST', path, httpVersion: '1.1', headers: {}, body: { ksql, streamsProperties } },
      {
        port: this.server.port,
        timeoutMs: stretchedMs(ANSWER_MS),
        isEnough: (text) => {
          if (!hasProduced && text.includes('"header"')) {
            hasProduced = true;
            void this.#produce();
          }
          return false;
        },
      },
    );
  }

  #refusal(answer: Answer): string | undefined {
    const { expectedError, adminStatements, queries } = this.testCase;
    if (!expectedError) return `refused with ${answer.status}: ${answer.text}`;
    const body = JSON.parse(answer.text) as Record<string, unknown>;
    const isStatementError = expectedError.type?.endsWith('KsqlStatementErrorMessage') ?? false;
    if (isStatementError && body['@type'] !== 'statement_error') return `not a statement error: ${answer.text}`;
    const last = [...adminStatements, ...queries].at(-1) ?? '';
    if (isStatementError && !String(body['statementText']).includes(last)) return `another statement: ${answer.text}`;
    if (expectedError.status !== undefined && expectedError.status !== answer.status)
      return `expected status ${expectedError.status}, got ${answer.status}: ${answer.text}`;
    if (expectedError.message !== undefined && !String(body['message']).includes(expectedError.message))
      return `expected the message to contain\n${expectedError.message}\ngot\n${String(body['message'])}`;
    return undefined;
  }

  async #produce(): Promise<void> {
    const { inputs } = this.testCase;
    if (inputs.length === 0) return;
    const sources = await describeSources(this.server);
    for (const topic of new Set(inputs.map((input) => input.topic))) {
      if (!(await this.kafka.topicNames()).includes(topic)) await this.kafka.createTopic(topic, DEFAULT_PARTITIONS, {});
    }
    await this.kafka.write(inputs.map((input) => this.#toWrite(input, sources)));
  }

  async #outputs(): Promise<string | undefined> {
    if (this.testCase.outputs.length === 0) return undefined;
    const sources = await describeSources(this.server);
    for (const [topic, expected] of Map.groupBy(this.testCase.outputs, (output) => output.topic)) {
      const source = sources.find((candidate) => candidate.topic === topic);
      const deadline = performance.now() + stretchedMs(SETTLE_MS);
      let why = await this.#topicDifference(topic, expected, source);
      while (why !== undefined && performance.now() < deadline) {
        await delay(PAUSE_MS);
        why = await this.#topicDifference(topic, expected, source);
      }
      if (why !== undefined) return why;
    }
    return undefined;
  }

  async #topicDifference(
    topic: string,
    expected: readonly QttRecord[],
    source: SourceFacts | undefined,
  ): Promise<string | undefined> {
    const records = (await this.kafka.read(topic)) ?? [];
    if (records.length !== expected.length) return `topic ${topic}: expected ${expected.length}, got ${records.length}`;
    const shown = records.map((record) => {
      const key = this.#toSpec(record.key, keyInfo(source), source?.key ?? []);
      const value = this.#toSpec(record.value, info(source?.valueFormat ?? 'JSON'), source?.value ?? []);
      return { key, value, timestamp: record.timestamp };
    });
    const left = [...shown];
    for (const wanted of expected) {
      // Records of different keys may lie in different partitions, so their order among each other says nothing.
      const found = left.findIndex(
        ({ key, value, timestamp }) =>
          difference(wanted.key, key, true) === undefined &&
          difference(wanted.value, value, true) === undefined &&
          (wanted.timestamp === undefined || wanted.timestamp === timestamp),
      );
      if (found < 0) {
        const all = shown
          .map((r) => `${printExactJson(r.key)} -> ${printExactJson(r.value)} @${r.timestamp}`)
          .join('\n');
        return `topic ${topic}: no ${printExactJson(wanted.key)} -> ${printExactJson(wanted.value)} @${wanted.timestamp} in\n${all}`;
      }
      left.splice(found, 1);
    }
    return undefined;
  }

  #toSpec(bytes: Uint8Array | null, format: FormatInfo, columns: readonly Column[]): ExactJson {
    if (bytes === null || formatOf(format).registry === undefined) return bytesToSpec(bytes, format, columns);
    return registeredSpec(Buffer.from(bytes), format, this.lane.registry.contents);
  }

  #toWrite(record: QttRecord, sources: readonly SourceFacts[]) {
    const source = sources.find((candidate) => candidate.topic === record.topic);
    const part = (node: ExactJson, format: FormatInfo, columns: readonly Column[], isKey: boolean): Buffer | null =>
      formatOf(format).registry === undefined
        ? specToBytes(node, format, columns)
        : registeredBytes(node, format, this.lane.registry.contents, subjectOf(record.topic, isKey));
    const key = part(record.key, keyInfo(source), source?.key ?? [], true);
    return {
      topic: record.topic,
      key: record.window ? withWindow(key, record.window) : key,
      value: part(record.value, info(source?.valueFormat ?? 'JSON'), source?.value ?? [], false),
      timestamp: record.timestamp ?? 0,
      headers: record.headers,
    };
  }
}

const withIds = (sql: string, ids: ReadonlyMap<number, number>): string =>
  sql.replace(/((?:KEY|VALUE)_SCHEMA_ID\s*=\s*)(\d+)/gi, (_all, name: string, id: string) => {
    return `${name}${ids.get(Number(id)) ?? id}`;
  });

const info = (format: string): FormatInfo => ({ format, properties: {} }) as FormatInfo;
/** A key of one column stands bare. */
const keyInfo = (source: SourceFacts | undefined): FormatInfo => ({
  ...info(source?.keyFormat ?? 'KAFKA'),
  wrapping: source?.key.length === 1 ? 'UNWRAP_SINGLES' : undefined,
});

/** The topics that CREATE statements read, which exist before the statements run. */
function declaredTopics(testCase: RqttCase): ReadonlyMap<string, number> {
  const topics = new Map<string, number>();
  for (const sql of testCase.adminStatements) {
    if (/\bAS\s+SELECT\b/i.test(sql)) continue;
    const topic = /kafka_topic\s*=\s*'([^']+)'/i.exec(sql)?.[1];
    const partitions = /partitions\s*=\s*(\d+)/i.exec(sql)?.[1];
    if (topic !== undefined && !topics.has(topic)) topics.set(topic, Number(partitions ?? DEFAULT_PARTITIONS));
  }
  return topics;
}

/** The objects of an answer; one that the client had to end is closed here. */
function rowsOf(answer: Answer): readonly ExactJson[] {
  const text = answer.text.trim().replace(/,$/, '');
  const rows = parseExactJson(answer.hasEnded || text.endsWith(']') ? text : `${text}]`);
  return isArray(rows) ? rows : [rows];
}

/** Ends all queries, drops all sources and removes all topics but the server's own. */
async function clean(server: ServerProcess, kafka: KafkaObserver): Promise<void> {
  await server.ksql('TERMINATE ALL;');
  for (let round = 0; round < 10; round++) {
    const entities = await server.ksql('LIST STREAMS; LIST TABLES; LIST TYPES;');
    const sources = entities.flatMap((entity) => [
      ...((entity['streams'] ?? []) as { name: string; type: string }[]),
      ...((entity['tables'] ?? []) as { name: string; type: string }[]),
    ]);
    const types = Object.keys((entities.at(-1)?.['types'] ?? {}) as object);
    if (sources.length + types.length === 0) break;
    for (const name of types) await server.post('/ksql', { ksql: `DROP TYPE \`${name}\`;` });
    for (const { name, type } of sources.reverse()) await server.post('/ksql', { ksql: `DROP ${type} \`${name}\`;` });
  }
  await kafka.deleteTopics(
    (await kafka.topicNames()).filter((name) => !/^_confluent-ksql-.*_(command_topic|lease)$/.test(name)),
  );
}
