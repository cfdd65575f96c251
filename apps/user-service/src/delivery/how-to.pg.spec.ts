import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually, randomFreePorts } from '@isobar/local-stack/testing';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { ServiceOnPostgres } from '../testing/service-on-postgres.js';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const run = promisify(execFile);

let service: ServiceOnPostgres;
let receiver: ChildProcess | undefined;
beforeAll(async () => {
  await run(process.execPath, ['tools/build.mjs'], { cwd: root });
  service = await ServiceOnPostgres.start({ environment: { WEBHOOK_PRIVATE_ADDRESSES: 'allow' } });
}, 240_000);
afterAll(async () => {
  receiver?.kill();
  await service?.stop();
}, 60_000);

it('the page on sending alerts to a webhook does what it says, command by command', async () => {
  const text = readFileSync(`${root}docs/how-to/send-alerts.md`, 'utf8');
  const block = /```console\n(.*?)```/s.exec(text)?.[1] ?? '';
  const [up, ...commands] = block.split('\n').flatMap((line) => (line.startsWith('$ ') ? [line.slice(2)] : []));
  // The stack is started with this setting, as here the service is.
  expect(up).toBe('WEBHOOK_PRIVATE_ADDRESSES=allow npx isobar up');
  expect(commands).toHaveLength(7);
  const [port = 0] = await randomFreePorts(1);
  let id = '';
  let secret = '';
  let shown = '';
  const outputs: string[] = [];
  for (const command of commands) {
    const own = command.replaceAll('4080', String(port)).replace('whsec_SECRET', secret).replace(/\bID$/, id);
    const [program, ...args] = own.split(' ');
    if (program === 'node') {
      receiver = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
      receiver.stdout?.on('data', (chunk: Buffer) => (shown += chunk.toString()));
      await eventually('the receiver listens', 30_000, async () => expect(shown).toContain('listening'));
      continue;
    }
    expect([program, args[0]]).toEqual(['npx', 'isobar']);
    const { stdout } = await run(process.execPath, ['apps/isobar/dist/main.js', ...args.slice(1)], {
      cwd: root,
      env: { ...process.env, USER_SERVICE_URL: service.url },
    });
    outputs.push(stdout);
    id ||= /webhook (\d+)/.exec(stdout)?.[1] ?? '';
    secret ||= /whsec_\S+/.exec(stdout)?.[0] ?? '';
    if (own.includes(' test '))
      await eventually('the test is shown, verified', 30_000, async () => {
        expect(shown).toContain('INFO This is a test: your alerts will come here.');
        const [row] = await service.sql(`SELECT state FROM deliveries`);
        expect(row).toEqual({ state: 'DELIVERED' });
      });
  }
  expect(outputs[2]).toMatch(/fine/);
  expect(outputs[3]).toMatch(/delivered/);
  expect(outputs[4]).toContain('0 deliveries');
  expect(outputs[5]).toContain('is gone');
}, 120_000);
