import { parseArgs } from 'node:util';
import { startServerOnKafka } from '../src/testing/server-on-kafka.js';
import { SERVICES, startServiceProcess, type Service } from '../src/testing/service-process.js';
import { apiOperations } from './api-operations.js';
import { attack, isKind, KSQL_KINDS, SERVICE_KINDS, type Kind } from './attack.js';
import { requireWorking } from './require-working.js';

/*
 * Broken requests by HTTP/1.1, HTTP/2, WebSocket and REST, to each of our servers (of its own, side by side), or to a running one:
 *
 *   npm run fuzz:http -- [--of ksql-server,user-service] [--runs 1000000] [--seed 1] [--from 0] [--kinds http1,http2,websocket,rest,api]
 *                        [--port 3003 --alive /healthz]
 *
 * The neighbours of the services on Nest are away; those of a running one may be there.
 */

const ALL: readonly string[] = ['ksql-server', ...SERVICES];
const { values } = parseArgs({
  options: {
    of: { type: 'string', default: ALL.join(',') },
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    kinds: { type: 'string' },
    port: { type: 'string' },
    alive: { type: 'string', default: '/info' },
  },
});
const PROGRESS_STEP = 48_000;
const startedMs = performance.now();

interface Target {
  readonly name: string;
  readonly port: number;
  readonly alivePath: string;
  readonly kinds: readonly Kind[];
  output(): string;
  /** @throws Error when it does not work any more */
  check(): Promise<void>;
  stop(): Promise<void>;
}

async function ksqlServer(): Promise<Target> {
  const { server, stop } = await startServerOnKafka();
  return {
    ...{ name: 'ksql-server', port: server.port, alivePath: '/info', kinds: KSQL_KINDS, stop },
    output: () => server.output,
    check: () => requireWorking(server),
  };
}

async function nestService(name: Service): Promise<Target> {
  const service = await startServiceProcess(name);
  return {
    ...{ name, port: service.port, alivePath: '/healthz', kinds: SERVICE_KINDS, stop: service.stop },
    output: () => service.output,
    check: async () => {
      if (!service.isAlive) throw new Error(`${name} ended`);
      if (service.hasFailed) throw new Error(`${name} failed for a reason of its own`);
    },
  };
}

function running(port: number): Target {
  const nothing = (): Promise<void> => Promise.resolve();
  const kinds = values.alive === '/info' ? KSQL_KINDS : SERVICE_KINDS;
  return { name: `:${port}`, port, alivePath: values.alive, kinds, output: () => '', check: nothing, stop: nothing };
}

const starts: Readonly<Record<string, () => Promise<Target>>> = {
  'ksql-server': ksqlServer,
  ...Object.fromEntries(SERVICES.map((name) => [name, () => nestService(name)])),
};

async function attackOne(start: () => Promise<Target>): Promise<void> {
  const target = await start();
  const { name, port, alivePath } = target;
  try {
    const kinds = values.kinds?.split(',').filter(isKind) ?? target.kinds;
    const operations = kinds.includes('api') ? await apiOperations(`http://127.0.0.1:${port}`) : [];
    const { answered, statuses, failures } = await attack({
      ...{ port, kinds, operations, alivePath },
      seed: Number(values.seed),
      from: Number(values.from),
      runs: Number(values.runs),
      onProgress: (done) => {
        if (done % PROGRESS_STEP === 0) console.log(`${name}: ${done} inputs in ${seconds()} s`);
      },
    });
    if (failures.length > 0) throw new Error(`${name} answered that it failed:\n${failures.join('\n')}`);
    await target.check();
    const shares = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
    console.log(
      `${name}: ${values.runs} inputs, ${answered} answered (${shares.join(', ')}), in ${seconds()} s; it lives and works`,
    );
  } catch (error) {
    console.log(target.output().slice(-5_000));
    throw error;
  } finally {
    await target.stop();
  }
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(0);
}

const targets =
  values.port === undefined
    ? values.of.split(',').map((name) => {
        const start = starts[name];
        if (start === undefined) throw new Error(`--of knows ${ALL.join(', ')}; not ${name}`);
        return start;
      })
    : [() => Promise.resolve(running(Number(values.port)))];
const results = await Promise.allSettled(targets.map(attackOne));
for (const result of results) if (result.status === 'rejected') console.error(result.reason);
process.exitCode = results.every(({ status }) => status === 'fulfilled') ? 0 : 1;
