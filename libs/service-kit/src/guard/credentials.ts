import { createHash, timingSafeEqual } from 'node:crypto';
import { refuse, type GuardedRequest, type Principal, type Refused } from './verdict.js';

export interface BasicUser {
  readonly name: string;
  readonly password: string;
  readonly roles: readonly string[];
}

/** Who may ask. The token works as `Bearer TOKEN`, and as the password of the user `isobar` where only Basic can be sent. */
export interface Credentials {
  readonly token: string | undefined;
  readonly users: readonly BasicUser[];
  readonly realm: string;
  /** Users need one of these roles; none given: any user will do. */
  readonly roles: readonly string[];
}

/** The name that goes with the token in Basic authentication: browsers ask for a name and a password. */
export const tokenUser = 'isobar';

export function judgeCredentials(request: GuardedRequest, credentials: Credentials): Principal | Refused {
  const { authorization } = request.headers;
  const challenge = { 'WWW-Authenticate': `Basic realm="${credentials.realm.replace(/["\\]/g, '')}", charset="UTF-8"` };
  if (authorization === undefined)
    return refuse(401, 'not-authenticated', 'Credentials are needed: a bearer token, or user and password.', challenge);
  const principal = principalOf(authorization, credentials);
  if (principal === undefined)
    return refuse(401, 'not-authenticated', 'The credentials are not those of this service.', challenge);
  const isEnough = credentials.roles.length === 0 || credentials.roles.some((role) => principal.roles.includes(role));
  if (principal.name === tokenUser || isEnough) return principal;
  return refuse(403, 'forbidden', `${principal.name} has none of the roles that may use this service.`);
}

function principalOf(authorization: string, { token, users }: Credentials): Principal | undefined {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+)$/.exec(authorization) ?? [];
  const known: BasicUser[] = token === undefined ? [] : [{ name: tokenUser, password: token, roles: [] }];
  if (scheme.toLowerCase() === 'bearer') return match(known, tokenUser, value);
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : match([...known, ...users], text.slice(0, colon), text.slice(colon + 1));
}

/** Compares with every user, so that the time it takes tells neither a name nor a password. */
function match(users: readonly BasicUser[], name: string, password: string): Principal | undefined {
  let found: Principal | undefined;
  for (const user of users) {
    const isSame = [equal(user.name, name), equal(user.password, password)].every(Boolean);
    if (isSame) found = { name: user.name, roles: user.roles };
  }
  return found;
}

/** In a time that depends on neither text. */
function equal(expected: string, given: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();
  return timingSafeEqual(digest(expected), digest(given));
}
