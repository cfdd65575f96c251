import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome, isOwnHome, repositoryRoot, stackHome } from './home.js';

describe('the home of a stack', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'isobar-home-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is its own when the stack made all of it, also the second time', () => {
    const home = stackHome(folder);
    expect(isOwnHome(home)).toBe(false);
    createHome(home);
    createHome(home);
    expect(isOwnHome(home)).toBe(true);
    expect(isOwnHome(stackHome(join(repositoryRoot, '.isobar')))).toBe(true);
  });

  it.each(['data', 'config', 'secrets'])('is not where somebody had a folder %s before', (name) => {
    mkdirSync(join(folder, name));
    const home = stackHome(folder);
    createHome(home);
    createHome(home);
    expect(isOwnHome(home)).toBe(false);
    expect(existsSync(home.run)).toBe(true);
  });
});
