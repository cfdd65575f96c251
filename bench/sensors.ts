import { createKafka, silentLog, type KafkaClientOptions } from '@isobar/kafka';
import { randomFreePorts, startTestStack, until } from '@isobar/local-stack/testing';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { repositoryRoot, thisMachine, writeResult } from './machine.js';
import { cpuSeconds, peakRssMb } from './process-usage.js';

const usage = 'npm run bench -- sensors [--sensors 10000] [--seconds 10] [--steps 1,2,3,4,6,8]';

interface Step {
  readonly sensors: number;
  readonly readingsPerSecond: number;
  /** Share of the readings due that reached the broker. */
  readonly keptUp: number;
  readonly cores: number;
  readonly rssMb: number;
  readonly dropped: number;
}

/** Less than this share of what was due, and the simulator no longer keeps up. */
const keptUpMin = 0.98;
const citiesCount = 5;
const topic = 'iot-sensors';

/** Load mode: the simulator as it is deployed, each sensor at one reading a second, with more and more sensors. */
export async function sensorsBench(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sensors: { type: 'string', default: '10000' },
      seconds: { type: 'string', default: '10' },
      steps: { type: 'string', default: '1,2,3,4,6,8' },
      json: { type: 'string' },
    },
  });
  const base = Number(values.sensors);
  const seconds = Number(values.seconds);
  const factors = values.steps.split(',').map(Number);
  if (!(base >= citiesCount) || !(seconds > 0) || factors.some((factor) => !(factor > 0))) {
    console.error(`usage: ${usage}`);
    return 64;
  }
  const machine = thisMachine();
  const stack = await startTestStack({ parts: ['kafka'] });
  const options: KafkaClientOptions = { brokers: [stack.kafkaBrokers], clientId: 'bench', log: silentLog };
  const steps: Step[] = [];
  try {
    console.log('sensors  readings/s  of those due  cores  memory MB  dropped');
    for (const factor of factors) {
      const step = await measure(options, Math.ceil((base * factor) / citiesCount), seconds);
      steps.push(step);
      console.log(line(step));
      if (step.keptUp < keptUpMin) break;
    }
  } finally {
    await stack.stop();
  }
  const first = steps[0];
  const best = Math.max(...steps.map(({ readingsPerSecond }) => readingsPerSecond));
  const perCore = Math.max(...steps.map(({ readingsPerSecond, cores }) => readingsPerSecond / cores));
  console.log(`one process reached ${best} readings/s; a core does ${Math.round(perCore)} of them a second`);
  const path = await writeResult('sensors', values.json, {
    machine,
    seconds,
    steps,
    best,
    perCore: Math.round(perCore),
  });
  console.log(`written to ${path}`);
  return first !== undefined && first.keptUp >= keptUpMin ? 0 : 1;
}

async function measure(options: KafkaClientOptions, perCity: number, seconds: number): Promise<Step> {
  const sensors = perCity * citiesCount;
  const [port = 0] = await randomFreePorts(1);
  const simulator = spawn(
    process.execPath,
    ['--disable-warning=TimeoutNegativeWarning', join(repositoryRoot, 'apps/sensor-sim/dist/main.js')],
    {
      cwd: repositoryRoot,
      env: {
        ...process.env,
        PORT: String(port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'warn',
        KAFKA_BROKERS: options.brokers.join(','),
        SENSORS_PER_CITY: String(perCity),
        SENSOR_INTERVAL_MS: '1000',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  const pid = simulator.pid;
  const admin = createKafka(options).admin();
  try {
    if (pid === undefined) throw new Error('the simulator could not be started');
    await until('the simulator is ready', 30_000, async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
    await admin.connect();
    const written = async (): Promise<number> =>
      (await admin.fetchTopicOffsets(topic)).reduce((sum, { high }) => sum + Number(high), 0);
    // The first interval is made up for at once; only then is the pace even.
    await delay(3_000);
    const before = { count: await written(), cpu: cpuSeconds(pid), atMs: performance.now() };
    await delay(seconds * 1_000);
    const count = (await written()) - before.count;
    const elapsed = (performance.now() - before.atMs) / 1_000;
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const dropped = [...metrics.matchAll(/^isobar_sensor_readings_dropped_total\{.*\} (\d+)$/gm)];
    return {
      sensors,
      readingsPerSecond: Math.round(count / elapsed),
      keptUp: count / elapsed / sensors,
      cores: (cpuSeconds(pid) - before.cpu) / elapsed,
      rssMb: Math.round(peakRssMb(pid)),
      dropped: dropped.reduce((sum, [, value]) => sum + Number(value), 0),
    };
  } finally {
    await admin.disconnect();
    const ended = once(simulator, 'exit');
    if (simulator.kill('SIGTERM')) await ended;
  }
}

const line = ({ sensors, readingsPerSecond, keptUp, cores, rssMb, dropped }: Step): string =>
  [
    String(sensors).padStart(7),
    String(readingsPerSecond).padStart(10),
    `${(keptUp * 100).toFixed(1)} %`.padStart(12),
    cores.toFixed(2).padStart(5),
    String(rssMb).padStart(9),
    String(dropped).padStart(7),
  ].join('  ');
