import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asCommands } from './as-commands.js';
import { program } from '../program.js';

const apps = join(import.meta.dirname, '../../..');
const asked = ['stream-admin', 'weather-ingest'];

/** The calls that the services which the command line asks name in their problems. */
const named = asked.flatMap((app) =>
  readdirSync(join(apps, app, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.includes('.spec.'))
    .flatMap((file) => readFileSync(join(apps, app, 'src', file), 'utf8').match(/; GET \/[a-z-]+ \w+/g) ?? []),
);

describe('what a service says, at the command line', () => {
  it('names commands that exist', () => {
    expect(asCommands('There is no topic x; GET /topics lists them.')).toBe(
      'There is no topic x; npx isobar topics list lists them.',
    );
    expect(named.length).toBeGreaterThan(4);
    for (const words of named) {
      const [, noun, verb] = /npx isobar (\w+) (\w+) \w+$/.exec(asCommands(words)) ?? [];
      const group = program.commands.find((command) => command.name() === noun);
      expect({ words, exists: group?.commands.some((command) => command.name() === verb) }).toEqual({
        words,
        exists: true,
      });
    }
  });

  it('leaves alone what is no list of ours', () => {
    for (const text of ['GET /topics/x failed', 'GET /unknown lists them', 'a topic of GETs'])
      expect(asCommands(text)).toBe(text);
  });
});
