import { afterEach, describe, expect, it } from '@jest/globals';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { LastingOutput } from './lasting-output.js';

/** A stream as a program's own outputs are, on a descriptor. */
const streamOn = (fd: number) =>
  Object.assign(new PassThrough(), { fd }) as unknown as NodeJS.WriteStream & { fd: number };
const itWithFullDevice = existsSync('/dev/full') ? it : it.skip;

describe('an output that lasts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-output-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  itWithFullDevice('goes on when the disk is full, and tells how many lines are missing when there is room', () => {
    const file = join(folder, 'isobar.log');
    const full = openSync('/dev/full', 'w');
    const stream = streamOn(full);
    const output = new LastingOutput(stream);
    output.write('lost one\n');
    output.write('lost two\nlost three\n');
    const log = openSync(file, 'w');
    Object.assign(stream, { fd: log });
    output.write('kept\n');
    expect(readFileSync(file, 'utf8')).toMatch(/^\(3 lines are missing here: .*ENOSPC.*\)\nkept\n$/);
    closeSync(full);
    closeSync(log);
  });

  it('goes on when the reader of its pipe has left', () => {
    const stream = streamOn(-1);
    const output = new LastingOutput(stream);
    stream.emit('error', new Error('EPIPE'));
    expect(() => output.write('to nobody\n')).not.toThrow();
  });
});
