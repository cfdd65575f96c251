import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from '../../src/testing/server-process.js';
import type { KafkaObserver } from '../kafka-observer.js';
import { answerLines, compareHttp, compareWebsocket, type Verdict } from './compare-answer.js';
import { bytesOf, compareRecords } from './compare-records.js';
import { functionDifferences } from './compare-functions.js';
import { maskText } from './masks.js';
import { closeOnSameConnection, openQuery, type OpenQuery } from './open-query.js';
import { QueryIds, transientIds } from './query-ids.js';
import type { ConsumeStep, HttpStep, NoteStep, RecordedRecord, Scenario, Step, TopicStep } from './recording.js';
import { sendHttp } from './send-http.js';
import { sendWebsocket } from './send-websocket.js';

export interface StepResult extends Verdict {
  readonly name: string;
}

const REPEAT_MS = 15_000;
const CONSUME_MS = 15_000;
/** A read that another request's effect may not have reached yet is tried for this long. */
const SETTLE_MS = 6_000;
/** A step that may differ, by its list, is not waited for to agree. */
const DEVIATION_MS = 400;
const PAUSE_MS = 50;
/** Recordings wait for a slower server. */
const WAIT_MS_MAX = 1_000;
const ANSWER_MS = 20_000;
const ENDLESS_ANSWER_MS = 5_000;

const READS = /^\s*(SELECT(?![^;]*EMIT\s+CHANGES)|LIST|SHOW|DESCRIBE)\b/i;

/** Replays one scenario, step by step, on a server of its own. */
export class ScenarioRun {
  readonly #ids = new QueryIds();
  readonly #opened = new Map<string, OpenQuery>();
  #background: { readonly ids: ReadonlySet<string>; readonly sql: string };

  constructor(
    private readonly scenario: Scenario,
    private readonly server: ServerProcess,
    private readonly kafka: KafkaObserver,
    private readonly mayDiffer: (step: string) => boolean,
  ) {
    this.#background = backgroundQueries(scenario);
  }

  async *results(): AsyncGenerator<StepResult> {
    for (const step of this.scenario.steps) {
      const name = nameOf(step);
      try {
        await this.#openMentioned(step);
        yield { name, ...(await this.#run(step)) };
      } catch (error) {
        yield {
          name,
          difference: error instanceof Error ? (error.stack ?? error.message) : String(error),
          sameWording: false,
        };
      }
    }
  }

  /** Recordings kept push queries open beside their steps; each is opened here before the first step that names it. */
  async #openMentioned(step: Step): Promise<void> {
    if (step.kind !== 'http') return;
    for (const id of new Set(transientIds(JSON.stringify(step)))) {
      if (!this.#background.ids.has(id) || this.#ids.has(id)) continue;
      const opened = await openQuery(this.#background.sql, this.server.port);
      this.#ids.pair(id, opened.queryId);
      this.#opened.set(id, opened);
    }
  }

  async #run(step: Step): Promise<Verdict> {
    switch (step.kind) {
      case 'http':
        return this.#http(step);
      case 'websocket':
        return compareWebsocket(step, await sendWebsocket(step, this.server.port, ENDLESS_ANSWER_MS));
      case 'kafka-create-topic':
        await this.kafka.createTopic(step.topic, step.partitions, step.config);
        return SAME;
      case 'kafka-delete-topic':
        await this.kafka.deleteTopics([step.topic]);
        return SAME;
      case 'kafka-produce':
        await this.kafka.write(step.records.map((record) => toWrite(step.topic, record)));
        return SAME;
      case 'kafka-consume':
        return untilSame(this.#patienceMs(step, CONSUME_MS), () => this.#consume(step));
      case 'kafka-topic':
        return untilSame(this.#patienceMs(step, SETTLE_MS), () => this.#topic(step));
      case 'kafka-topics':
        return untilSame(this.#patienceMs(step, SETTLE_MS), () => this.#topics(step.topics));
      case 'wait':
        await delay(Math.min(step.ms, WAIT_MS_MAX));
        return SAME;
      case 'server-restart':
        await this.server.end('SIGTERM');
        await this.server.start();
        return SAME;
      case 'note':
        return this.#note(step);
      case 'summary':
        return verdict(await functionDifferences(step.functions, this.server));
    }
  }

  async #http(step: HttpStep): Promise<Verdict> {
    const request = translated(step.request, this.#ids);
    const expectedLines = (step.response.lines ?? []).filter((line) => line !== '').length;
    const isEndless = step.response.end !== undefined;
    const once = async (): Promise<{ verdict: Verdict; status: number }> => {
      const answer = await sendHttp(request, {
        port: this.server.port,
        timeoutMs: step.response.lines ? ENDLESS_ANSWER_MS : ANSWER_MS,
        ...(isEndless ? { isEnough: (text: string) => answerLines(text).length >= expectedLines } : {}),
      });
      this.#ids.learn(JSON.stringify(step.response), answer.text);
      return { verdict: compareHttp(step, answer), status: answer.status };
    };
    const { sql, ksql } = (step.request.body ?? {}) as { sql?: unknown; ksql?: unknown };
    const text = String(sql ?? ksql ?? '');
    const isRead = step.request.method === 'GET' || READS.test(text);
    const patienceMs = step.repeatedUntil !== undefined ? REPEAT_MS : isRead ? SETTLE_MS : 0;
    const deadline = performance.now() + this.#patienceMs(step, patienceMs);
    for (;;) {
      const { verdict: result, status } = await once();
      if (result.difference === undefined || performance.now() > deadline) return result;
      if (!isRead && status !== 500) return result;
      await delay(PAUSE_MS);
    }
  }

  #patienceMs(step: Step, usualMs: number): number {
    return this.mayDiffer(nameOf(step)) ? Math.min(usualMs, DEVIATION_MS) : usualMs;
  }

  async #consume(step: ConsumeStep): Promise<Verdict> {
    const records = await this.kafka.read(step.topic);
    if (step.absent) return verdict(records === undefined ? undefined : `topic ${step.topic} exists`);
    if (!records) return verdict(`topic ${step.topic} does not exist`);
    return verdict(compareRecords(step.records ?? [], records));
  }

  async #topic(step: TopicStep): Promise<Verdict> {
    const topic = this.#ids.translate(step.topic);
    const actual = await this.kafka.topicConfig(topic, Object.keys(step.config));
    const expected = { partitions: step.partitions, config: step.config };
    const [wanted, got] = [expected, actual].map((facts) =>
      JSON.stringify(facts && [facts.partitions, ...Object.entries(facts.config).sort()]),
    );
    return verdict(wanted === got ? undefined : `topic ${topic}: expected ${wanted}, got ${got}`);
  }

  async #topics(expected: readonly string[]): Promise<Verdict> {
    const plain = (names: readonly string[]) =>
      [...new Set(names.filter((name) => !/transient/.test(name)).map(maskText))].sort();
    const [wanted, got] = [plain(expected), plain(await this.kafka.topicNames())];
    const missing = wanted.filter((name) => !got.includes(name));
    const extra = got.filter((name) => !wanted.includes(name));
    if (missing.length + extra.length === 0) return SAME;
    return verdict(`topics missing: ${missing.join(', ') || 'none'}; not recorded: ${extra.join(', ') || 'none'}`);
  }

  async #note(step: NoteStep): Promise<Verdict> {
    if (step.secondsAbout !== undefined) return SAME;
    if (step.closeResponse) {
      const { close, query } = await closeOnSameConnection(this.#background.sql, this.server.port);
      if (close.status !== step.closeResponse.status || close.text !== step.closeResponse.text)
        return verdict(`close-query: ${close.status} ${close.text}`);
      return verdict(query.hasEnded ? undefined : 'the closed query did not end');
    }
    const [id] = step.lines ? transientIds(step.lines[0] ?? '') : [...this.#opened.keys()].slice(-1);
    const answer = await this.#opened.get(id ?? '')?.answer;
    if (!answer) return verdict('no push query was open');
    if (answer.hasEnded !== step.responseEnded) return verdict(`the closed query has ended: ${answer.hasEnded}`);
    const lines = answerLines(answer.text);
    const [wanted, got] = step.lines
      ? [step.lines, lines.slice(0, step.lines.length)]
      : [[step.lastLine ?? ''], lines.slice(-1)];
    const isSame = wanted.map(maskText).join('\n') === got.map(maskText).join('\n');
    return verdict(isSame ? undefined : `lines: expected\n${wanted.join('\n')}\ngot\n${got.join('\n')}`);
  }
}

const nameOf = (step: Step): string => step.case.slice(step.case.indexOf('/') + 1);

const SAME: Verdict = { difference: undefined, sameWording: true };
const verdict = (difference: string | undefined): Verdict => ({ difference, sameWording: difference === undefined });

async function untilSame(patienceMs: number, look: () => Promise<Verdict>): Promise<Verdict> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const isOver = performance.now() > deadline;
    // A topic that was made a moment ago may not be there yet for everybody.
    const result = await look().catch((error: unknown) => {
      if (isOver) throw error;
      return undefined;
    });
    if (result && (result.difference === undefined || isOver)) return result;
    await delay(PAUSE_MS);
  }
}

/** Ids of push queries that requests name though no answer introduced them, and the statement that they ran. */
function backgroundQueries({ steps }: Scenario): { ids: ReadonlySet<string>; sql: string } {
  const introduced = new Set<string>();
  const ids = new Set<string>();
  let sql = '';
  for (const step of steps) {
    if (step.kind !== 'http') continue;
    for (const id of transientIds(JSON.stringify(step.request))) if (!introduced.has(id)) ids.add(id);
    if (step.response.lines) for (const id of transientIds(step.response.lines.join('\n'))) introduced.add(id);
    const listed = /"queryString":"([^"]*EMIT CHANGES;)"/.exec(JSON.stringify(step.response.body ?? null));
    if (sql === '' && listed?.[1] !== undefined && JSON.stringify(step.response).includes('"PUSH"')) sql = listed[1];
  }
  return { ids, sql };
}

const translated = (request: HttpStep['request'], ids: QueryIds): HttpStep['request'] =>
  JSON.parse(ids.translate(JSON.stringify(request))) as HttpStep['request'];

const toWrite = (topic: string, record: RecordedRecord) => ({
  topic,
  partition: record.partition,
  key: bytesOf(record.key),
  value: bytesOf(record.value),
  timestamp: record.timestamp,
  headers: Object.entries(record.headers ?? {}).map(([key, value]) => ({ key, value: bytesOf(value) })),
});
