import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeHolder, isPortFree, nextFreePort, portHolder, randomFreePorts } from './ports.js';
import { PortReservations } from './port-reservations.js';
import { StackError } from './stack-error.js';
import { choosePorts, defaultPorts, parsePortOptions, portsOf } from './stack-ports.js';
import { occupyPort } from './testing/fake-part.js';

describe('ports', () => {
  let port: number;
  let server: Server;
  beforeEach(async () => {
    ({ port, server } = await occupyPort());
  });
  afterEach(() => {
    server.close();
  });

  it('tells a taken port from a free one', async () => {
    expect(await isPortFree(port)).toBe(false);
    server.close();
    expect(await isPortFree(port)).toBe(true);
  });

  it('finds the next free port, past taken and reserved ones', async () => {
    const found = await nextFreePort(port, new Set([port + 1]));
    expect(found).toBeGreaterThan(port + 1);
    expect(await isPortFree(found)).toBe(true);
  });

  it('gives different free ports', async () => {
    const ports = await randomFreePorts(5);
    expect(new Set(ports).size).toBe(5);
  });

  it('names the holder with process id and program', () => {
    const holder = portHolder(port);
    expect(holder.pid).toBe(process.pid);
    expect(describeHolder(holder)).toMatch(new RegExp(`^process ${process.pid} \\(node[^ ]*\\)$`));
  });

  const hasLsof = spawnSync('lsof', ['-v']).status === 0;
  (hasLsof ? it : it.skip)('names the holder as on macOS, which has no /proc', () => {
    const holder = portHolder(port, 'darwin');
    expect(holder.pid).toBe(process.pid);
    expect(describeHolder(holder)).toMatch(new RegExp(`^process ${process.pid} \\((node|MainThread)[^ ]*\\)$`));
  });

  it('says so when the holder is not known', () => {
    expect(describeHolder({})).toBe('another process');
  });

  describe('of a stack', () => {
    let folder: string;
    let reservations: PortReservations;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'isobar-ports-'));
      reservations = new PortReservations(folder);
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    it('are different ones for stacks that choose at the same time, until one gives them back', async () => {
      const names = ['kafka', 'dashboard'] as const;
      const stacks = Array.from({ length: 5 }, () => new PortReservations(folder));
      const chosen = await Promise.all(stacks.map((each) => choosePorts({}, names, each)));
      const all = chosen.flatMap(({ ports }) => names.map((name) => ports[name]));
      expect(new Set(all).size).toBe(all.length);
      const own = chosen[0]?.ports.kafka ?? 0;
      const asked = choosePorts({ kafka: own }, ['kafka'], reservations);
      await expect(asked).rejects.toThrow(`port ${own} for kafka is taken by process ${process.pid}`);
      stacks[0]?.giveAllBack();
      expect((await choosePorts({ kafka: own }, ['kafka'], reservations)).ports.kafka).toBe(own);
    });

    it('are free again when the stack that chose them was killed', async () => {
      const [port = 0] = await randomFreePorts(1);
      writeFileSync(join(folder, String(port)), JSON.stringify({ pid: process.pid, startTime: 'long ago' }));
      expect((await choosePorts({ kafka: port }, ['kafka'], reservations)).ports.kafka).toBe(port);
    });

    it('are the defaults where those are free', async () => {
      const asked = { kafka: (await randomFreePorts(1))[0] ?? 0 };
      const { ports, notices } = await choosePorts(asked, ['kafka'], reservations);
      expect(ports).toEqual({ ...defaultPorts, ...asked });
      expect(notices).toEqual([]);
    });

    it('stop the start when an asked one is taken, naming the holder and another port', async () => {
      const error = await choosePorts({ kafka: port }, ['kafka'], reservations).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(StackError);
      expect((error as StackError).message).toContain(`port ${port} for kafka is taken by process ${process.pid}`);
      expect((error as StackError).details.fix).toMatch(/--port kafka=\d+/);
    });

    it('are only looked at for the parts that start', async () => {
      const { ports } = await choosePorts({ kafka: port }, portsOf('topics'), reservations);
      expect(ports.kafka).toBe(port);
    });

    it('are read from name=number pairs', () => {
      expect(parsePortOptions(['kafka=19092', 'dashboard=8080'])).toEqual({ kafka: 19092, dashboard: 8080 });
    });

    it.each([
      ['kafak=1', /no port called kafak/],
      ['kafka=0', /0 is no port/],
      ['kafka', /nothing is no port/],
      ['kafka=70000', /70000 is no port/],
    ])('refuse %s', (pair, message) => {
      expect(() => parsePortOptions([pair])).toThrow(message);
    });
  });
});
