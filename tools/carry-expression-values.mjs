// Carries the values that a ksqlDB server gave for single expressions into the repository: SQL, type and value, and for a refusal its
// code; no message texts. `node tools/carry-expression-values.mjs FOLDER` writes libs/ksql-engine/conformance/expression-values/.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../libs/ksql-engine/conformance/expression-values', import.meta.url));
const [folder] = process.argv.slice(2);
if (folder === undefined) {
  console.error('usage: node tools/carry-expression-values.mjs FOLDER');
  process.exit(64);
}

const carried = ({ sql, type, value, values, error }) => {
  if (error !== undefined) return { sql, refused: error.code };
  return values === undefined ? { sql, type, value } : { sql, type, values };
};
const step = ({ sql, record }) => (sql === undefined ? { record } : { sql });

rmSync(target, { recursive: true, force: true });
for (const name of readdirSync(folder, { recursive: true }).filter((file) => file.endsWith('.json'))) {
  const { statement, setup, cases } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const steps = setup.filter(({ sql, record }) => sql ?? record).map(step);
  const lines = [
    `{"statement": ${JSON.stringify(statement)},`,
    '"setup": [',
    steps.map((each) => JSON.stringify(each)).join(',\n'),
    '],',
    '"cases": [',
    cases.map((each) => JSON.stringify(carried(each))).join(',\n'),
    ']}',
  ];
  const file = join(target, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${lines.join('\n')}\n`);
}
