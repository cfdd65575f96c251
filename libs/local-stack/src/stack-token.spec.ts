import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHome, stackHome, type StackHome } from './home.js';
import { loadSecrets } from './secrets.js';
import { authEnvironment, stackToken, tokenFile } from './stack-token.js';

describe('the token of a stack', () => {
  let home: StackHome;
  beforeEach(() => {
    home = stackHome(mkdtempSync(join(tmpdir(), 'isobar-token-')));
    createHome(home);
  });
  afterEach(() => rmSync(home.root, { recursive: true }));

  it('is made once, for this user alone', () => {
    expect(stackToken(home, {})).toBeUndefined();
    loadSecrets(home);
    const token = stackToken(home, {});
    expect(token).toMatch(/^[\w-]{24,}$/);
    loadSecrets(home);
    expect(stackToken(home, {})).toBe(token);
    expect(statSync(tokenFile(home)).mode & 0o077).toBe(0);
  });

  it('is what the programs are told when credentials are asked for', () => {
    const generated = { AUTH_TOKEN_FILE: tokenFile(home) };
    expect(authEnvironment(home, {})).toEqual({});
    expect(authEnvironment(home, { AUTH: 'on' })).toEqual(generated);
    expect(authEnvironment(home, { AUTH_USERS_FILE: 'users' })).toEqual(generated);
    expect(authEnvironment(home, { AUTH: 'off', AUTH_USERS_FILE: 'users' })).toEqual({});
    expect(authEnvironment(home, { AUTH: 'on', AUTH_TOKEN: 'mine' })).toEqual({});
    expect(stackToken(home, { AUTH_TOKEN: 'mine' })).toBe('mine');
  });
});
