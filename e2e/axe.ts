import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const version = '4.14.1';
const sha256 = '29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c';
const folder = join(import.meta.dirname, '../.isobar/tools/axe');
const file = join(folder, 'node_modules/axe-core/axe.min.js');

/**
 * The program that finds what shuts people out of a page. It is a tool of the tests like the browser, fetched when first wanted and
 * no part of what is installed; undefined, with a word, where it cannot be had.
 */
export function findAxe(): string | undefined {
  try {
    if (!existsSync(file)) {
      mkdirSync(folder, { recursive: true });
      const args = ['install', '--no-save', '--ignore-scripts', '--prefix', folder, `axe-core@${version}`];
      execFileSync('npm', args, { stdio: 'ignore', timeout: 120_000 });
    }
    const program = readFileSync(file);
    if (createHash('sha256').update(program).digest('hex') === sha256) return file;
    process.stderr.write(`SKIPPED accessibility: ${file} is not axe-core ${version}; remove it\n`);
  } catch (error) {
    process.stderr.write(`SKIPPED accessibility: axe-core ${version} cannot be fetched: ${String(error)}\n`);
  }
  return undefined;
}

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What the page keeps from people as it is drawn now: a rule and a place each. */
export async function accessibilityViolations(page: Page, axe: string): Promise<string[]> {
  await page.addScriptTag({ path: axe });
  const violations = (await page.evaluate('axe.run().then(({ violations }) => violations)')) as Violation[];
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}
