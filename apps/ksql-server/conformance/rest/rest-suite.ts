import type { CaseResult, Suite } from '../../../../libs/ksql-engine/conformance/suite.js';
import { ServerProcess } from '../../src/testing/server-process.js';
import { inLanes } from '../lanes.js';
import { openTestBroker, type TestBroker } from '../test-broker.js';
import { deviations, races } from './deviations.js';
import { loadScenarios, type Scenario } from './recording.js';
import { ScenarioRun, type StepResult } from './run-scenario.js';

/** Settings of the recorded server that differ from the defaults. It had no Connect; nobody listens on that port. */
const ENVIRONMENT = { KSQL_KSQL_STREAMS_REPLICATION_FACTOR: '1', KSQL_KSQL_CONNECT_URL: 'http://127.0.0.1:9' };
const SCENARIO_ENVIRONMENT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  cluster: { KSQL_KSQL_HEARTBEAT_ENABLE: 'true', KSQL_KSQL_LAG_REPORTING_ENABLE: 'true' },
};

/** Replays the recordings on the built server and real brokers. A filter chooses whole scenarios by name. */
export const restSuite: Suite = async ({ casesFolder, filter }) => {
  const all = await loadScenarios(casesFolder);
  const scenarios = all.filter(({ name }) => filter === undefined || name.includes(filter.split('/')[0] ?? ''));
  // The long ones first, so that none is left for the end.
  scenarios.sort((a, b) => b.steps.length - a.steps.length);
  const results = await inLanes(scenarios, openTestBroker, async (scenario, broker) => {
    const first = await runScenario(scenario, broker);
    // Recorded intermediate states depend on timing: what differs twice differs.
    return first.every(({ outcome }) => outcome !== 'failed') ? first : runScenario(scenario, broker);
  });
  return results.flat();
};

async function runScenario(scenario: Scenario, { brokers, kafka }: TestBroker): Promise<readonly CaseResult[]> {
  const startedMs = performance.now();
  const server = await ServerProcess.start({
    KAFKA_BROKERS: brokers,
    ...ENVIRONMENT,
    ...SCENARIO_ENVIRONMENT[scenario.name],
  });
  const mayDiffer = (step: string): boolean => [deviations, races].some((list) => `${scenario.name}/${step}` in list);
  const results: CaseResult[] = [];
  let sameWording = 0;
  try {
    for await (const result of new ScenarioRun(scenario, server, kafka, mayDiffer).results()) {
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
