import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackHome } from './home.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The generated token of a home, beside its passwords. */
export const tokenFile = (home: StackHome): string => join(home.secrets, 'api-token');

/** The token that the services of a stack ask for: the user's own, else the one of its home; undefined when there is none. */
export function stackToken(home: StackHome, environment: Environment = process.env): string | undefined {
  if (environment['AUTH_TOKEN']) return environment['AUTH_TOKEN'];
  const file = environment['AUTH_TOKEN_FILE'] || tokenFile(home);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** What our programs are told when the user asks for credentials and leaves it to us which: the generated token. */
export function authEnvironment(home: StackHome, environment: Environment = process.env): Record<string, string> {
  const isAsked = environment['AUTH'] === 'on' || (environment['AUTH'] !== 'off' && environment['AUTH_USERS_FILE']);
  const isGiven = environment['AUTH_TOKEN'] || environment['AUTH_TOKEN_FILE'];
  return isAsked && !isGiven ? { AUTH_TOKEN_FILE: tokenFile(home) } : {};
}
