import { afterAll } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome, stackHome, type StackHome } from '../home.js';
import type { Part } from '../part.js';

const temporaryRoots: string[] = [];
afterAll(() => {
  for (const root of temporaryRoots) rmSync(root, { recursive: true, force: true });
});

/** A home in a temporary folder, which is removed after the spec file that asked for it. */
export function temporaryHome(): StackHome {
  const home = stackHome(mkdtempSync(join(tmpdir(), 'isobar-unit-')));
  temporaryRoots.push(home.root);
  createHome(home);
  return home;
}

/** A part that is a small Node program; ready as soon as it runs, unless told otherwise. */
export function fakePart(name: string, program: string, overrides: Partial<Part> = {}): Part {
  return {
    name,
    startsAfter: [],
    stopRank: 10,
    address: `fake:${name}`,
    stop: { signal: 'SIGTERM', timeoutMs: 300 },
    launch: () => ({ file: process.execPath, args: ['-e', program], env: {}, cwd: '/' }),
    check: async () => ({ ready: true, sees: 'running' }),
    isAlive: async () => true,
    ...overrides,
  };
}

/** Programs for fake parts. */
export const programs = {
  runs: 'setInterval(() => {}, 1000)',
  fails: 'console.log("Error: the disk says No space left on device"); process.exit(3)',
  /** Answers every request, until it is stopped. */
  answers: (port: number): string =>
    `require("http").createServer((_, response) => response.end()).listen(${port}, "127.0.0.1")`,
  ignoresSigterm: 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000); console.log("up")',
} as const;

/** A server on a port of the system's choice that takes the port away from others. */
export async function occupyPort(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { port: address.port, server };
}
