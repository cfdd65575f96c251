import { parseArgs } from 'node:util';
import { fuzzParser } from './fuzz-parser.js';
import { fuzzFormats, fuzzQueries } from './fuzz-records.js';

/*
 * Broken statements into the parser; broken bytes into formats and queries.
 *
 *   npm run fuzz -- [--statements 1000000] [--records 1000000] [--seed 1]
 */

const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '1000000' },
    records: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);

function timed(name: string, run: () => object): void {
  const started = performance.now();
  const report = JSON.stringify(run());
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const { heapUsed } = process.memoryUsage();
  process.stdout.write(`${name}: ${report} in ${seconds} s, heap ${(heapUsed / 2 ** 20).toFixed(0)} MB\n`);
}

timed('statements', () => fuzzParser(seed, Number(values.statements)));
timed('formats', () => fuzzFormats(seed, Number(values.records)));
timed('queries', () => fuzzQueries(seed, Math.ceil(Number(values.records) / 200)));
