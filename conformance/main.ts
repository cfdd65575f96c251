import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CaseResult, Suite } from '../libs/ksql-engine/conformance/suite.js';

/** The SQL of this repository, as seen from where this file is built to. */
const pipelineFolder = fileURLToPath(new URL('../../ksql', import.meta.url));

/** Suites by name; each is loaded only when asked for. */
const suites: Readonly<Record<string, () => Promise<Suite>>> = {
  qtt: async () => (await import('../libs/ksql-engine/conformance/qtt/qtt-suite.js')).qttSuite,
  expressions: async () =>
    (await import('../libs/ksql-engine/conformance/expressions/expressions-suite.js')).expressionsSuite,
  nws: async () => {
    const { runNwsSuite } = await import('../apps/weather-ingest/src/conformance/nws-suite.js');
    return ({ casesFolder, filter }) => runNwsSuite(casesFolder, filter);
  },
  pipeline: async () => {
    const { runPipelineSuite } = await import('./pipeline/pipeline-suite.js');
    return (options) => runPipelineSuite(pipelineFolder, options);
  },
  rqtt: async () => (await import('../apps/ksql-server/conformance/rqtt/rqtt-suite.js')).rqttSuite,
  rest: async () => (await import('../apps/ksql-server/conformance/rest/rest-suite.js')).restSuite,
};

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string' },
      cases: { type: 'string' },
      filter: { type: 'string' },
      report: { type: 'string' },
      state: { type: 'string', default: 'memory' },
    },
  });
  const load = suites[values.suite ?? ''];
  const isOnDisk = values.state === 'disk';
  if (
    !load ||
    values.cases === undefined ||
    !['memory', 'disk'].includes(values.state) ||
    (isOnDisk && values.suite !== 'qtt')
  ) {
    console.error(
      `usage: npm run conformance -- --suite ${Object.keys(suites).join('|')} --cases DIR [--filter TEXT] [--report FILE] [--state disk (of qtt)]`,
    );
    return 64;
  }
  const suite = await load();
  const { cases } = values;
  const results = await suite({ casesFolder: resolve(cases), filter: values.filter, isOnDisk });
  for (const result of results) {
    if (result.outcome === 'failed')
      console.log(`FAILED  ${result.file}: ${result.name}\n        ${indent(result.reason)}`);
  }
  if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify(results, null, 1)}\n`);
  printByFile(results);
  const count = (outcome: CaseResult['outcome']) => results.filter((result) => result.outcome === outcome).length;
  if (count('known-gap') > 0) console.log(`known gaps: ${count('known-gap')}`);
  const skipped = count('skipped') + count('known-gap');
  console.log(`${count('passed')} passed, ${count('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return count('failed') === 0 && results.length > 0 ? 0 : 1;
}

const indent = (text: string) => text.split('\n').slice(0, 12).join('\n        ');

function printByFile(results: readonly CaseResult[]): void {
  for (const [file, ofFile] of Map.groupBy(results, (result) => result.file)) {
    const failed = ofFile.filter((result) => result.outcome === 'failed').length;
    if (failed === 0) continue;
    console.log(`${file}: ${ofFile.filter((result) => result.outcome === 'passed').length} of ${ofFile.length} passed`);
  }
}

// Servers that a suite started end with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
process.exitCode = await main();
