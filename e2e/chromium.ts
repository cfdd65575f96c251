import { execFileSync } from 'node:child_process';

/** The Chromium of this machine: `CHROMIUM_PATH`, else the first of the usual names on the path; undefined without one. */
export function findChromium(): string | undefined {
  for (const name of [process.env['CHROMIUM_PATH'], 'chromium', 'chromium-browser', 'google-chrome']) {
    if (!name) continue;
    try {
      return execFileSync('sh', ['-c', 'command -v "$0"', name], { encoding: 'utf8' }).trim();
    } catch {
      // not this one
    }
  }
  return undefined;
}

export const chromiumArguments = ['--no-sandbox', '--disable-gpu'];
