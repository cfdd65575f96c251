import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withInvisibleEscaped } from '@isobar/contracts';
import { stackHome } from '@isobar/local-stack';
import { WrongArgumentError } from '../wrong-argument-error.js';

/** Prints the last lines of one part's log, or of each; goes on with new lines when asked. */
export async function logs(part: string | undefined, options: { follow?: boolean; lines: number }): Promise<void> {
  const folder = stackHome().logs;
  const parts = partsWithLogs(folder);
  if (part !== undefined && !parts.includes(part))
    throw new WrongArgumentError(`there is no log of ${part}`, {
      fix: parts.length === 0 ? 'no part has started here yet: npx isobar up' : `use ${parts.join(', ')}`,
    });
  const wanted = part === undefined ? parts : [part];
  const prefix = (name: string): string => (wanted.length > 1 ? `${name.padEnd(15)} ` : '');
  for (const name of wanted) {
    const lines = readFileSync(join(folder, `${name}.log`), 'utf8')
      .trimEnd()
      .split('\n');
    for (const line of lines.slice(lines.length - Math.min(lines.length, options.lines)))
      console.log(`${prefix(name)}${shown(line)}`);
  }
  if (options.follow !== true) return;
  await Promise.all(wanted.map((name) => follow(join(folder, `${name}.log`), prefix(name))));
}

/** Parts write what others sent them; tabs indent. */
const shown = (line: string): string => line.split('\t').map(withInvisibleEscaped).join('\t');

function partsWithLogs(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => name.slice(0, -'.log'.length));
  } catch {
    return [];
  }
}

/** Never returns; a log that is rotated at the next start is followed from its new beginning. */
async function follow(file: string, prefix: string): Promise<never> {
  let position = statSync(file).size;
  let rest = '';
  for (;;) {
    await sleep(200);
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size < position) position = 0;
    if (size === position) continue;
    const chunk = Buffer.alloc(size - position);
    const descriptor = openSync(file, 'r');
    readSync(descriptor, chunk, 0, chunk.length, position);
    closeSync(descriptor);
    position = size;
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) console.log(`${prefix}${shown(line)}`);
  }
}
