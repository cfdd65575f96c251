import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { choice, flag, parsed, text } from '../config/environment.js';
import { ConfigError, type ConfigProblem } from '../config/read-config.js';
import type { BasicUser, Credentials } from './credentials.js';
import { isLoopback, parseAuthority } from './host-rule.js';
import type { GuardPolicy } from './request-guard.js';
import { parseUsers } from './users-file.js';

const tokenLengthMin = 16;

/** The variables of the guard; every service has them. */
export const guardVariables = {
  AUTH: choice({
    what: 'whether credentials are needed; auto: as soon as some are set',
    words: ['auto', 'on', 'off'],
    default: 'auto',
  }),
  AUTH_TOKEN: z
    .string()
    .trim()
    .min(tokenLengthMin, { error: `must have at least ${tokenLengthMin} characters` })
    .regex(/^[\x21-\x7e]+$/, { error: 'must be printable ASCII without spaces' })
    .optional()
    .describe('the bearer token of this service and of those it asks')
    .meta({ secret: true }),
  AUTH_TOKEN_FILE: text({ what: 'a file that holds the token' }).optional(),
  AUTH_USERS_FILE: text({
    what: "users of Basic authentication, a line each as in ksqlDB's: name: password,role",
  }).optional(),
  AUTH_REALM: text({ what: 'the realm of Basic authentication', default: 'isobar' }),
  AUTH_ROLES: words('the roles of which a user needs one, separated by commas', (role) => role !== ''),
  READ_ONLY: flag({ what: 'whether everything that changes something is refused', default: false }),
  ALLOWED_HOSTS: words('names besides localhost by which this service is called', isHostName),
  ALLOWED_ORIGINS: words('pages of other sites that may use this service, such as https://ops.example', isOrigin),
  PRIVATE_NETWORK: flag({
    what: 'whether only a private network reaches this service, so that it may listen beyond loopback without credentials',
    default: false,
  }),
};

type GuardConfig = z.output<z.ZodObject<typeof guardVariables>> & { readonly HOST: string };

/**
 * The policy that the settings ask for. `service` is what the guard cannot know: which bodies and routes it has.
 *
 * @throws ConfigError when credentials are asked for and there are none, cannot be read, or are needed because the service listens
 *   beyond loopback.
 */
export function guardPolicyFrom(
  name: string,
  config: GuardConfig,
  service: Pick<GuardPolicy, 'bodies' | 'bodyTypes' | 'routes'>,
): GuardPolicy {
  const problems: ConfigProblem[] = [];
  const token = tokenFrom(config, problems);
  const users = fromFile('AUTH_USERS_FILE', config.AUTH_USERS_FILE, parseUsers, problems) ?? [];
  const hasCredentials = token !== undefined || users.length > 0;
  const isListeningWide = !isLoopback(config.HOST);
  const isOn = config.AUTH === 'on' || (config.AUTH === 'auto' && hasCredentials);
  if (problems.length === 0 && isOn && !hasCredentials)
    problems.push({
      variable: 'AUTH',
      what: '',
      problem: 'is "on", but there is nobody to let in: set AUTH_TOKEN, AUTH_TOKEN_FILE or AUTH_USERS_FILE',
    });
  if (problems.length === 0 && isListeningWide && !isOn && !config.PRIVATE_NETWORK)
    problems.push({
      variable: 'HOST',
      what: '',
      problem:
        `is "${config.HOST}", which others can reach, and no credentials are asked for: set AUTH_TOKEN, AUTH_TOKEN_FILE or ` +
        'AUTH_USERS_FILE, or HOST=127.0.0.1, or PRIVATE_NETWORK=true where only a private network reaches it',
    });
  if (problems.length > 0) throw new ConfigError(name, problems);
  return {
    allowedHosts: new Set([...config.ALLOWED_HOSTS, ...ownName(config.HOST)].map((host) => host.toLowerCase())),
    allowedOrigins: new Set(config.ALLOWED_ORIGINS),
    credentials: isOn ? credentialsOf(token, users, config) : undefined,
    isReadOnly: config.READ_ONLY,
    ...service,
  };
}

/** The token of the settings: what this service asks for, and what it shows to the services that it asks itself. */
export function tokenOf(config: Pick<GuardConfig, 'AUTH_TOKEN' | 'AUTH_TOKEN_FILE'>): string | undefined {
  return tokenFrom(config, []);
}

const tokenFrom = (
  config: Pick<GuardConfig, 'AUTH_TOKEN' | 'AUTH_TOKEN_FILE'>,
  problems: ConfigProblem[],
): string | undefined => config.AUTH_TOKEN ?? fromFile('AUTH_TOKEN_FILE', config.AUTH_TOKEN_FILE, toToken, problems);

const credentialsOf = (
  token: string | undefined,
  users: readonly BasicUser[],
  { AUTH_REALM, AUTH_ROLES }: GuardConfig,
): Credentials => ({ token, users, realm: AUTH_REALM, roles: AUTH_ROLES });

/** A service that listens on one address of its own answers to it; "any address" is no name. */
function ownName(host: string): string[] {
  if (host === '0.0.0.0' || host === '::') return [];
  return [host.includes(':') && !host.startsWith('[') ? `[${host}]` : host];
}

function fromFile<Value>(
  variable: string,
  file: string | undefined,
  parse: (text: string) => Value,
  problems: ConfigProblem[],
): Value | undefined {
  if (file === undefined) return undefined;
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const problem = `is "${file}", which cannot be used: ${error instanceof Error ? error.message : String(error)}`;
    problems.push({ variable, what: '', problem });
    return undefined;
  }
}

function toToken(content: string): string {
  const token = content.trim();
  if (token.length < tokenLengthMin || !/^[\x21-\x7e]+$/.test(token))
    throw new Error(`it must hold one token of at least ${tokenLengthMin} printable characters`);
  return token;
}

function words(what: string, isWord: (word: string) => boolean) {
  const toWords = (list: string): readonly string[] => {
    const all = list.split(',').map((word) => word.trim());
    const given = all.filter((word) => word !== '');
    const wrong = given.find((word) => !isWord(word));
    if (wrong !== undefined) throw new Error(`has an entry that cannot be used: ${wrong}`);
    return given;
  };
  return parsed({ what, default: '', parse: toWords });
}

function isHostName(word: string): boolean {
  const authority = parseAuthority(word);
  return authority !== undefined && authority.port === undefined;
}

/** As browsers write it: lower case, no default port, no slash. */
function isOrigin(word: string): boolean {
  try {
    const { origin, protocol } = new URL(word);
    return origin === word && /^https?:$/.test(protocol);
  } catch {
    return false;
  }
}
