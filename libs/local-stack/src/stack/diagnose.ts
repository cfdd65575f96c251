import { readFileSync } from 'node:fs';
import type { ProcessExit } from '../process/part-process.js';

/** The last lines of a log, without blank ones; none when there is no log. */
export function lastLines(file: string, count: number): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(-count);
  } catch {
    return [];
  }
}

export function describeExit({ code, signal, error }: ProcessExit): string {
  if (error !== undefined) return `could not be started: ${error.message}`;
  return signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
}

interface Diagnosis {
  readonly why: string;
  readonly fix: string;
}

const knownCauses: readonly { pattern: RegExp; why: string; fix: string }[] = [
  {
    pattern: /No space left on device/i,
    why: 'the disk is full',
    fix: 'free some space, then run npx isobar up again',
  },
  {
    pattern: /OutOfMemoryError|Cannot allocate memory|insufficient memory for the Java Runtime|heap out of memory/i,
    why: 'the machine ran out of memory',
    fix: 'close other programs, then run npx isobar up again; npx isobar doctor shows what is free',
  },
  {
    pattern: /Address already in use|EADDRINUSE|could not bind/i,
    why: 'another program took its port at the same moment',
    fix: 'run npx isobar up again: the next free port is taken then',
  },
  {
    pattern: /Permission denied|EACCES/i,
    why: 'a file or folder of the stack may not be read or written by the user it runs as',
    fix: 'check who owns the .isobar folder, or start with another one: npx isobar up --home DIR',
  },
  {
    pattern: /incompatible with server|database files are incompatible/i,
    why: 'the data was written by another version of the server',
    fix: 'erase it with npx isobar reset, or start with another folder: npx isobar up --home DIR',
  },
  {
    pattern: /Inconsistent|corrupt|invalid checkpoint|InvalidRecordException/i,
    why: 'its data folder is damaged',
    fix: 'erase the data with npx isobar reset, then run npx isobar up again',
  },
  {
    pattern: /ERR_MODULE_NOT_FOUND|Cannot find module/i,
    why: 'a file of the program is missing',
    fix: 'npm ci && npm run build',
  },
];

/** What a failed part's log says about the cause, in a user's words. */
export function diagnose(part: string, log: readonly string[]): Diagnosis {
  for (const { pattern, why, fix } of knownCauses) {
    const line = log.findLast((text) => pattern.test(text));
    if (line !== undefined) return { why: `${why} (${shorten(line)})`, fix };
  }
  const telling = log.findLast((line) => /\b(error|fatal|exception)\b/i.test(line)) ?? log.at(-1);
  return {
    why: telling === undefined ? 'it wrote nothing to its log' : shorten(telling),
    fix: `read the whole log with npx isobar logs ${part}`,
  };
}

const shorten = (line: string): string => (line.length > 200 ? `${line.slice(0, 197)}...` : line).trim();
