import { describe, expect, it } from '@jest/globals';
import type { KsqlClient } from '@isobar/ksql-client';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { runConsole } from './console.js';
import { SqlSession } from './session.js';

const done: string[] = [];

/** A server whose topic goes on for ever, and which takes its time with everything else. */
const client = {
  async *print(_statement: string, { signal }: { signal: AbortSignal }): AsyncGenerator<string> {
    yield 'a record';
    await once(signal, 'abort');
  },
  execute: async (statement: string, { signal }: { signal: AbortSignal }) => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    done.push(signal.aborted ? 'given up' : statement);
    return [];
  },
} as unknown as KsqlClient;

function open() {
  const input = new PassThrough();
  const screen = new PassThrough();
  let shown = '';
  let wanted: { readonly text: string; readonly resolve: () => void } | undefined;
  screen.on('data', (chunk: Buffer) => {
    shown += chunk.toString();
    if (wanted !== undefined && shown.includes(wanted.text)) wanted.resolve();
  });
  const historyFile = join(tmpdir(), `isobar-console-${process.pid}`, 'history');
  const left = runConsole({ client, session: new SqlSession(), output: 'table', historyFile, input, screen });
  return {
    left,
    type: (text: string) => void input.write(text),
    until: (text: string) => new Promise<void>((resolve) => (wanted = { text, resolve })),
  };
}

describe('the console', () => {
  it.each(['quit', 'exit;'])('is left by %s, also while rows come that have no end', async (word) => {
    const { left, type, until } = open();
    const seen = until('a record');
    type("PRINT 'readings';\n");
    await seen;
    type(`${word}\n`);
    expect(await left).toBe(0);
  });

  it('runs what was pasted before the word that leaves', async () => {
    const { left, type } = open();
    type('DROP STREAM a;\nDROP STREAM b;\nexit\n');
    expect(await left).toBe(0);
    expect(done).toEqual(['DROP STREAM a;', 'DROP STREAM b;']);
  });
});
