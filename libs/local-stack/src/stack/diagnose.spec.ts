import { describe, expect, it } from '@jest/globals';
import { describeExit, diagnose } from './diagnose.js';

describe('diagnose', () => {
  it.each([
    ['java.lang.OutOfMemoryError: Java heap space', 'ran out of memory', 'isobar doctor'],
    ['FATAL: could not write: No space left on device', 'the disk is full', 'free some space'],
    ['Error: listen EADDRINUSE: address already in use 127.0.0.1:3000', 'took its port', 'next free port'],
    ['FATAL:  database files are incompatible with server', 'another version', 'isobar reset'],
    ["Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/x.js'", 'is missing', 'npm run build'],
  ])('reads %s', (line, why, fix) => {
    const diagnosis = diagnose('kafka', ['starting', line, 'bye']);
    expect(diagnosis.why).toContain(why);
    expect(diagnosis.fix).toContain(fix);
  });

  it('quotes the last line that speaks of an error, else the last line', () => {
    expect(diagnose('connect', ['one', 'ERROR two', 'three']).why).toBe('ERROR two');
    expect(diagnose('connect', ['one', 'two']).why).toBe('two');
    expect(diagnose('connect', []).why).toBe('it wrote nothing to its log');
    expect(diagnose('connect', []).fix).toContain('isobar logs connect');
  });

  it('describes an exit', () => {
    expect(describeExit({ code: 2, signal: null })).toBe('ended with code 2');
    expect(describeExit({ code: null, signal: 'SIGKILL' })).toBe('was ended by SIGKILL');
  });
});
