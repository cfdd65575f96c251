import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Command, CommanderError } from 'commander';
import { program } from './program.js';

const file = new URL(import.meta.url).pathname;

/** What each option refuses. An option without an argument has no value that could be wrong. */
const wrongValues: Readonly<Record<string, readonly string[]>> = {
  '--home': ['', file],
  '--port': ['x', 'kafka', 'kafka=', 'kafka=x', 'kafka=0', 'kafka=-1', 'kafka=1.5', 'kafka=70000', 'kafak=9092'],
  '--only': ['', 'kafak', 'kafka,', 'kafka,nothing'],
  '--with': ['', 'kafka', 'registry,', 'registri'],
  '--without': ['', 'kafka'],
  '--wait-timeout': ['', 'abc', '0', '-1', 'NaN', 'Infinity', '1e400', '10s'],
  '--timeout': ['', 'abc', '0', '-1', 'NaN'],
  '--lines': ['', 'abc', '-1', '1.5', 'NaN'],
  '--limit': ['', 'abc', '0', '-1', '1.5', 'NaN'],
  '--lat': ['', 'north', '91', '-91', 'NaN'],
  '--lon': ['', 'east', '181', '-181'],
  '--timezone': ['', 'Mars/Olympus'],
  '--server': ['', 'localhost', '127.0.0.1:8088', 'ftp://127.0.0.1'],
  '--output': ['', 'xml'],
  '--execute': [''],
  '--file': [''],
  '--value-file': [''],
  '--topic': [''],
  '--service': [''],
  '--dir': [''],
  '--preview': ['', 'day', '0', '-1', '169', '24m'],
  '--env': [''],
  '--kind': ['', 'cats'],
  '--existing': ['', 'maybe'],
};
/** A record's value may be anything, nothing included. */
const takesAnything = ['--value'];

interface Usage {
  readonly path: readonly string[];
  readonly option: string;
}

function usagesOf(command: Command, path: readonly string[] = []): Usage[] {
  const own = command.options
    .filter(({ required, optional }) => required || optional)
    .map(({ long }) => ({ path, option: long ?? '' }));
  return [...own, ...command.commands.flatMap((child) => usagesOf(child, [...path, child.name()]))];
}

const usages = usagesOf(program).filter(({ option }) => !takesAnything.includes(option));
const cases = usages.flatMap(({ path, option }) =>
  (wrongValues[option] ?? []).map((value) => [[...path, `${option}=${value}`].join(' '), path, option, value] as const),
);

describe('the command line', () => {
  let said = '';
  beforeEach(() => {
    said = '';
    const listen = (command: Command): void => {
      command.configureOutput({ writeErr: (text) => (said += text) });
      command.commands.forEach(listen);
    };
    listen(program);
  });
  afterEach(() => {
    delete process.env['ISOBAR_HOME'];
    delete process.env['ISOBAR_HOME_OPTION'];
  });

  it('has wrong values on trial for every option that takes one', () => {
    expect(usages.length).toBeGreaterThan(30);
    expect(usages.filter(({ option }) => (wrongValues[option] ?? []).length === 0)).toEqual([]);
  });

  it('describes no default in the words of the program', () => {
    const helps = (command: Command): string[] => [
      command.helpInformation(),
      ...command.commands.flatMap((child) => helps(child)),
    ];
    expect(helps(program).join('\n')).not.toMatch(/default: [[{]/);
  });

  it.each(cases)('refuses %s before it does anything', async (_, path, option, value) => {
    const refusal = await program
      .parseAsync([...path, `${option}=${value}`], { from: 'user' })
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(CommanderError);
    expect((refusal as CommanderError).code).toBe('commander.invalidArgument');
    expect(said).toContain(option);
    expect(said).toMatch(/It must|is no port|no port called|no (optional )?part called|Allowed choices/);
  });
});
