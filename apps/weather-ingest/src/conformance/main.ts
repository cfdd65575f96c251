import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { runNwsSuite } from './nws-suite.js';

/** `conformance --suite nws --cases DIR [--filter TEXT] [--report FILE]` */
const { values } = parseArgs({
  options: {
    suite: { type: 'string' },
    cases: { type: 'string' },
    filter: { type: 'string' },
    report: { type: 'string' },
  },
});
if (values.cases === undefined) {
  process.stderr.write('Say where the recorded answers are: --cases DIR\n');
  process.exit(2);
}

const results = await runNwsSuite(values.cases, values.filter);
for (const { outcome, name, reason } of results) process.stdout.write(`${outcome}  ${name}: ${reason}\n`);
if (values.report !== undefined) await writeFile(values.report, `${JSON.stringify(results, undefined, 2)}\n`);
const count = (outcome: string): number => results.filter((result) => result.outcome === outcome).length;
const skipped = count('skipped');
process.stdout.write(
  `${count('passed')} passed, ${count('failed')} failed${skipped === 0 ? '' : `, ${skipped} skipped`}\n`,
);
process.exitCode = count('failed') > 0 ? 1 : 0;
