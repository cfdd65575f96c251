import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isArray,
  isObject,
  JsonNumber,
  parseExactJson,
  printExactJson,
  type ExactJson,
} from '../../../../libs/ksql-engine/conformance/exact-json.js';
import {
  fields,
  list,
  number,
  recordOf,
  text,
  texts,
  topicOf,
  type QttRecord,
  type QttTopic,
} from '../../../../libs/ksql-engine/conformance/qtt/qtt-case.js';

/** One runnable case; formats are expanded and the name of the input topic is this run's own. */
export interface RqttCase {
  readonly file: string;
  readonly name: string;
  /** Sent in one request. */
  readonly adminStatements: readonly string[];
  /** SELECT statements, each a request. */
  readonly queries: readonly string[];
  readonly properties: ReadonlyMap<string, string>;
  readonly topics: readonly QttTopic[];
  readonly inputs: readonly QttRecord[];
  readonly outputs: readonly QttRecord[];
  readonly responses: readonly ReadonlyMap<string, ExactJson>[];
  readonly expectedError: RqttError | undefined;
  /** Inputs are produced once the push query has sent its header. */
  readonly producesWhenPushing: boolean;
  readonly verifiesOrder: boolean;
  readonly wantsProtobufRows: boolean;
}
export interface RqttError {
  readonly type: string | undefined;
  readonly status: number | undefined;
  readonly message: string | undefined;
}

type Fields = ReadonlyMap<string, ExactJson>;

/** All enabled cases of a folder, expanded, in file order. */
export async function loadRqttCases(folder: string): Promise<readonly RqttCase[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  const cases: RqttCase[] = [];
  for (const file of files) {
    const content = await readFile(join(folder, file), 'utf8');
    const tree = parseExactJson(content);
    const tests = isObject(tree) ? tree.get('tests') : undefined;
    if (!isArray(tests)) throw new Error(`${file}: no list "tests"`);
    for (const test of tests) {
      if (!isObject(test) || test.get('enabled') === false) continue;
      const formats = texts(test.get('format'));
      for (const format of formats.length > 0 ? formats : [undefined]) {
        cases.push(expand(file, test, format, `test_topic_${cases.length}`));
      }
    }
  }
  return cases;
}

function expand(file: string, original: Fields, format: string | undefined, topic: string): RqttCase {
  const test = parseExactJson(printExactJson(original).replaceAll('test_topic', topic)) as Fields;
  const statements = texts(test.get('statements')).map((sql) =>
    format === undefined ? sql : sql.replaceAll('{FORMAT}', format),
  );
  const firstQuery = statements.findIndex((sql) => sql.startsWith('SELECT '));
  const split = firstQuery < 0 ? statements.length : firstQuery;
  const error = test.get('expectedError');
  const inputConditions = test.get('inputConditions');
  const outputConditions = test.get('outputConditions');
  return {
    file,
    name: `${String(test.get('name'))}${format === undefined ? '' : ` - ${format}`}`,
    adminStatements: statements.slice(0, split),
    queries: statements.slice(split),
    properties: new Map(
      fields(test.get('properties')).map(([name, value]) => [
        name,
        value instanceof JsonNumber ? value.text : String(value),
      ]),
    ),
    topics: list(test.get('topics')).map(topicOf),
    inputs: list(test.get('inputs')).map(recordOf),
    outputs: list(test.get('outputs')).map(recordOf),
    responses: list(test.get('responses')),
    expectedError: isObject(error)
      ? { type: text(error.get('type')), status: number(error.get('status')), message: text(error.get('message')) }
      : undefined,
    producesWhenPushing: isObject(inputConditions) && inputConditions.get('waitForActivePushQuery') === true,
    verifiesOrder: isObject(outputConditions) && outputConditions.get('verifyOrder') === true,
    wantsProtobufRows: test.get('testPullWithProtoFormat') === true,
  };
}
