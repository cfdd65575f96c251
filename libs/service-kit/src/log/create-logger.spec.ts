import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLogger } from './create-logger.js';

const compiled = new URL('../../dist/log/create-logger.js', import.meta.url);
const canTry = existsSync('/dev/full') && existsSync(fileURLToPath(compiled));
if (!canTry)
  process.stderr.write('SKIPPED: a full disk is tried with /dev/full and the compiled library (npm run build)\n');

/** Logs a while and says on standard error that it has lived to its end. */
const program = `
  import { createLogger } from ${JSON.stringify(compiled.href)};
  const log = createLogger('spec', 'info');
  for (let n = 0; n < 2000; n++) { log.info({ n, text: 'x'.repeat(1000) }, 'line'); if (n % 100 === 0) await new Promise(setImmediate); }
  process.stderr.write('lived on');
  process.kill(process.pid, 'SIGKILL');
`;

describe("a service's log", () => {
  it('shows the signs that nobody sees, and keeps their values', () => {
    const lines: string[] = [];
    const name = '\u202eevil\u200b\u2028\u009b\u{e0041}';
    createLogger('spec', 'info', { write: (line) => void lines.push(line) }).info({ name }, 'a person was added');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(String.raw`"name":"\u202eevil\u200b\u2028\u009b\udb40\udc41"`);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ name });
  });

  it('of a statement that failed has no values: they may be secrets, and are of people', () => {
    const lines: string[] = [];
    // As TypeORM has it: the error of the driver inside, and its fields on the outside as well.
    const detail = 'Failing row contains (1, ann@example.org, whsec_abc).';
    const driverError = Object.assign(new Error('violates'), { code: '23514', detail });
    const err = Object.assign(new Error('violates'), {
      ...{ query: 'INSERT INTO t VALUES ($1)', parameters: ['ann@example.org', 'whsec_abc'] },
      ...{ code: '23514', detail, driverError },
    });
    createLogger('spec', 'info', { write: (line) => void lines.push(line) }).warn({ err }, 'failed');
    expect(lines[0]).not.toMatch(/whsec_abc|ann@/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ err: { code: '23514', query: err.query } });
  });

  (canTry ? it : it.skip)(
    'on a full disk does not end the service',
    () => {
      const full = openSync('/dev/full', 'w');
      const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', full, 'pipe'],
        encoding: 'utf8',
        timeout: 20_000,
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      closeSync(full);
      expect(stderr).toBe('lived on');
    },
    60_000,
  );
});
