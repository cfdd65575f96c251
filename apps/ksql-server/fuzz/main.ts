import { parseArgs } from 'node:util';
import { startServerOnKafka } from '../src/testing/server-on-kafka.js';
import { attack, KINDS, type Kind } from './attack.js';
import { requireWorking } from './require-working.js';

/*
 * Broken requests by HTTP/1.1, HTTP/2, WebSocket and REST, to a server of its own or to a running one:
 *
 *   npm run fuzz:http -- [--runs 1000000] [--seed 1] [--from 0] [--kinds http1,http2,websocket,rest]
 *                        [--port 3003 --alive /healthz]
 */

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    kinds: { type: 'string', default: KINDS.join(',') },
    port: { type: 'string' },
    alive: { type: 'string', default: '/info' },
  },
});
const PROGRESS_STEP = 48_000;

const startedMs = performance.now();
const own = values.port === undefined ? await startServerOnKafka() : undefined;
try {
  const { answered } = await attack({
    port: own?.server.port ?? Number(values.port),
    kinds: values.kinds.split(',').filter((kind): kind is Kind => KINDS.includes(kind as Kind)),
    seed: Number(values.seed),
    from: Number(values.from),
    runs: Number(values.runs),
    alivePath: values.alive,
    onProgress: (done) => {
      if (done % PROGRESS_STEP === 0) console.log(`${done} inputs in ${seconds()} s`);
    },
  });
  if (own) await requireWorking(own.server);
  console.log(`${values.runs} inputs, ${answered} answered, in ${seconds()} s; the server lives and works`);
} catch (error) {
  console.log(own?.server.output.slice(-5_000) ?? '');
  throw error;
} finally {
  await own?.stop();
}

function seconds(): string {
  return ((performance.now() - startedMs) / 1_000).toFixed(0);
}
