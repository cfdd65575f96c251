/** Benchmarks by name; each is loaded only when asked for. */
const benchmarks: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  start: async () => (await import('./start/start-bench.js')).startBench,
  pipeline: async () => (await import('./start/pipeline-bench.js')).pipelineBench,
  engine: async () => (await import('./engine/engine-bench.js')).engineBench,
  scans: async () => (await import('./engine/scans-bench.js')).scansBench,
  producers: async () => (await import('./producers.js')).producersBench,
  garbage: async () => (await import('./garbage.js')).garbageBench,
  stores: async () => (await import('./stores/stores-bench.js')).storesBench,
  alerts: async () => (await import('./alerts.js')).alertsBench,
  people: async () => (await import('./people.js')).peopleBench,
  sensors: async () => (await import('./sensors.js')).sensorsBench,
  deliveries: async () => (await import('./deliveries.js')).deliveriesBench,
};

// An exit by signal would leave the processes under test behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

const [name = '', ...args] = process.argv.slice(2);
const load = benchmarks[name];
if (load === undefined) {
  console.error(`usage: npm run bench -- ${Object.keys(benchmarks).join('|')} [--json FILE] [options]`);
  process.exitCode = 64;
} else {
  const run = await load();
  process.exitCode = await run(args);
}
