import type { CaseResult, Suite } from '../../../../libs/ksql-engine/conformance/suite.js';
import { ServerProcess } from '../../src/testing/server-process.js';
import { KafkaObserver } from '../kafka-observer.js';
import { startTestBroker } from '../test-broker.js';
import { deviations, races } from './deviations.js';
import { loadScenarios, type Scenario } from './recording.js';
import { ScenarioRun, type StepResult } from './run-scenario.js';

/** Settings of the recorded server that differ from the defaults. */
const ENVIRONMENT = { KSQL_KSQL_STREAMS_REPLICATION_FACTOR: '1' };
const SCENARIO_ENVIRONMENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cluster: { KSQL_KSQL_HEARTBEAT_ENABLE: 'true', KSQL_KSQL_LAG_REPORTING_ENABLE: 'true' },
};

/** Replays the recordings on the built server and a real broker. A filter chooses whole scenarios by name. */
export const restSuite: Suite = async ({ casesFolder, filter }) => {
  const all = await loadScenarios(casesFolder);
  const scenarios = all.filter(({ name }) => filter === undefined || name.includes(filter.split('/')[0] ?? ''));
  const stack = await startTestBroker();
  const kafka = new KafkaObserver(stack.kafkaBrokers);
  const results: CaseResult[] = [];
  try {
    await kafka.connect();
    for (const scenario of scenarios) {
      const first = await runScenario(scenario, stack.kafkaBrokers, kafka);
      // Recorded intermediate states depend on timing: what differs twice differs.
      const isClean = first.every(({ outcome }) => outcome !== 'failed');
      results.push(...(isClean ? first : await runScenario(scenario, stack.kafkaBrokers, kafka)));
    }
  } finally {
    await kafka.close();
    await stack.stop();
  }
  return results;
};

async function runScenario(scenario: Scenario, brokers: string, kafka: KafkaObserver): Promise<readonly CaseResult[]> {
  const startedMs = performance.now();
  const server = await ServerProcess.start({
    KAFKA_BROKERS: brokers,
    ...ENVIRONMENT,
    ...SCENARIO_ENVIRONMENT[scenario.name],
  });
  const results: CaseResult[] = [];
  let sameWording = 0;
  try {
    for await (const result of new ScenarioRun(scenario, server, kafka).results()) {
      const judged = judge(scenario.name, result);
      results.push(judged);
      if (judged.outcome === 'failed')
        console.log(`  ${scenario.name}/${judged.name} differs: ${judged.reason.slice(0, 600)}`);
      if (result.sameWording) sameWording++;
    }
  } finally {
    await server.end('SIGTERM');
    await kafka.clear();
  }
  const failed = results.filter((result) => result.outcome === 'failed').length;
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  console.log(
    `${scenario.name}: ${results.length - failed} of ${results.length} steps, ${sameWording} with the same wording, ${seconds} s`,
  );
  return [...results, ...staleDeviations(scenario)];
}

function judge(scenario: string, { name, difference }: StepResult): CaseResult {
  const result = (outcome: CaseResult['outcome'], reason: string): CaseResult => ({
    suite: 'rest',
    file: scenario,
    name,
    outcome,
    reason,
  });
  const deviation = deviations[`${scenario}/${name}`];
  const race = races[`${scenario}/${name}`];
  if (race !== undefined && difference !== undefined) return result('known-gap', race);
  if (!deviation) return difference === undefined ? result('passed', '') : result('failed', difference);
  return difference === undefined
    ? result('failed', `this step no longer deviates: take it from the list (${deviation.reason})`)
    : result('known-gap', deviation.reason);
}

function staleDeviations({ name, steps }: Scenario): CaseResult[] {
  const known = new Set(steps.map((step) => step.case));
  return [...Object.keys(deviations), ...Object.keys(races)]
    .filter((step) => step.startsWith(`${name}/`) && !known.has(step))
    .map((step) => ({
      suite: 'rest',
      file: name,
      name: step.slice(name.length + 1),
      outcome: 'failed',
      reason: 'listed as a deviation, but no step has this name',
    }));
}
