import type { TableAccess } from './services.js';

export type Settings = 'open' | 'closed' | 'read-only' | 'trusting';

export const token = 'a-token-that-nobody-else-has';

/** How the services of the table are set. */
export const environments: Readonly<Record<Settings, (usersFile: string) => Readonly<Record<string, string>>>> = {
  open: () => ({}),
  closed: (usersFile) => ({ AUTH_TOKEN: token, AUTH_USERS_FILE: usersFile, AUTH_ROLES: 'operator' }),
  'read-only': () => ({ READ_ONLY: 'true' }),
  trusting: () => ({ ALLOWED_ORIGINS: 'https://ops.example', ALLOWED_HOSTS: 'isobar.internal' }),
};

/** In the format of ksqlDB's password file. */
export const usersFile = 'ada: secret,operator\nbob: secret,guest\n';

type Outcome = 'allow' | 204 | 400 | 401 | 403 | 415 | 421;

/** One line of the table: what is sent, and what comes of it, by what the route is for. `PORT` stands for the service's own. */
export interface GuardCase {
  readonly what: string;
  readonly settings?: Settings;
  readonly method?: 'OPTIONS';
  readonly version?: '1.0';
  /** Before the path, as a proxy is asked. */
  readonly targetPrefix?: string;
  readonly host?: string | readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly isUpgrade?: true;
  /** Sent where a body is meant. */
  readonly body?: string;
  readonly expected: Outcome | Readonly<Record<TableAccess, Outcome>>;
  /** Where the service looks at bodies by itself (ksqlDB's clients may call JSON anything). */
  readonly whereFormsAreTaken?: Outcome;
}

const json = { 'Content-Type': 'application/json' };
const own = 'http://localhost:PORT';
const fetched = { 'Sec-Fetch-Mode': 'cors', 'Sec-Fetch-Dest': 'empty' };
const navigated = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' };
const basic = (pair: string) => ({ Authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
const bearer = { Authorization: `Bearer ${token}` };
const evil = 'https://evil.example';

const onlyRead = {
  health: 'allow',
  page: 'allow',
  reads: 'allow',
  asks: 'allow',
  changes: 403,
  link: 'allow',
  answers: 403,
} as const;
const onlyOpened = {
  health: 'allow',
  page: 'allow',
  reads: 403,
  asks: 403,
  changes: 403,
  link: 'allow',
  answers: 403,
} as const;
const onlyJson = {
  health: 'allow',
  page: 'allow',
  reads: 'allow',
  asks: 415,
  changes: 415,
  link: 'allow',
  answers: 'allow',
} as const;
const onlyHealth = {
  health: 'allow',
  page: 401,
  reads: 401,
  asks: 401,
  changes: 401,
  link: 'allow',
  answers: 'allow',
} as const;

const hosts: readonly GuardCase[] = [
  { what: 'localhost in capitals, another port', host: 'LOCALHOST:1', expected: 'allow' },
  { what: 'an address of loopback', host: '127.0.0.2:PORT', expected: 'allow' },
  { what: 'IPv6 loopback', host: '[::1]:PORT', expected: 'allow' },
  { what: 'localhost with its dot', host: 'localhost.:PORT', expected: 'allow' },
  { what: 'HTTP/1.0 with a host', host: 'localhost', version: '1.0', expected: 'allow' },
  { what: 'HTTP/1.0 without one', host: [], version: '1.0', expected: 400 },
  { what: 'HTTP/1.1 without one', host: [], expected: 400 },
  { what: 'two hosts', host: ['localhost', 'localhost'], expected: 400 },
  { what: 'a user before the host', host: 'localhost@evil.example', expected: 400 },
  { what: 'a name that points here (DNS rebinding)', host: 'evil.example:PORT', expected: 421 },
  {
    what: 'its page, to which this service is same-origin',
    host: 'evil.example:PORT',
    headers: { Origin: 'http://evil.example:PORT', 'Sec-Fetch-Site': 'same-origin', ...fetched },
    expected: 421,
  },
  { what: 'a name that begins like ours', host: 'localhost.evil.example', expected: 421 },
  { what: 'any address', host: '0.0.0.0:PORT', expected: 421 },
  { what: 'an address of the network', host: '192.168.1.5:PORT', expected: 421 },
  {
    what: 'a name that a proxy vouches for',
    host: 'evil.example',
    headers: { 'X-Forwarded-Host': 'localhost' },
    expected: 421,
  },
  { what: 'a target with a host of its own', targetPrefix: 'http://evil.example', expected: 400 },
  { what: 'a target with our host', targetPrefix: 'http://localhost:PORT', expected: 400 },
  { what: 'a name that is allowed', settings: 'trusting', host: 'isobar.internal:80', expected: 'allow' },
  { what: 'a name that is not, where another is', settings: 'trusting', host: 'evil.example', expected: 421 },
];

const programs: readonly GuardCase[] = [
  { what: 'curl', expected: 'allow' },
  { what: 'curl with JSON', headers: json, body: '{}', expected: 'allow' },
  { what: "Node's fetch", headers: { 'Sec-Fetch-Mode': 'cors', ...json }, body: '{}', expected: 'allow' },
  { what: 'a foreign Referer alone', headers: { Referer: `${evil}/` }, expected: 'allow' },
  {
    what: 'curl -d, which calls it a form',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: '{}',
    expected: onlyJson,
    whereFormsAreTaken: 'allow',
  },
  {
    what: 'plain text',
    headers: { 'Content-Type': 'text/plain' },
    body: '{}',
    expected: onlyJson,
    whereFormsAreTaken: 'allow',
  },
];

const pages: readonly GuardCase[] = [
  { what: 'our page reads', headers: { 'Sec-Fetch-Site': 'same-origin', ...fetched }, expected: 'allow' },
  {
    what: 'our page sends',
    headers: { Origin: own, 'Sec-Fetch-Site': 'same-origin', ...fetched, ...json },
    body: '{}',
    expected: 'allow',
  },
  { what: 'our page in an older browser', headers: { Origin: own, ...json }, body: '{}', expected: 'allow' },
  {
    what: 'the address bar',
    headers: { 'Sec-Fetch-Site': 'none', ...navigated },
    expected: { ...onlyRead, asks: 403 },
  },
  {
    what: 'a link on another site',
    headers: { 'Sec-Fetch-Site': 'cross-site', ...navigated },
    expected: onlyOpened,
  },
  {
    what: 'a link on a page of another port',
    headers: { 'Sec-Fetch-Site': 'same-site', ...navigated },
    expected: onlyOpened,
  },
  {
    what: 'a frame on another site',
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'iframe' },
    expected: 403,
  },
  {
    what: 'a form on another site',
    headers: { Origin: evil, 'Sec-Fetch-Site': 'cross-site', ...navigated, 'Content-Type': 'text/plain' },
    body: '{"ksql":"',
    expected: 403,
  },
  {
    what: 'a body-less post of another site',
    headers: { Origin: evil, 'Sec-Fetch-Site': 'cross-site' },
    expected: 403,
  },
  {
    what: 'fetch of another site, without CORS',
    headers: { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors', 'Sec-Fetch-Dest': 'image' },
    expected: 403,
  },
  {
    what: 'fetch of another site',
    headers: { Origin: evil, 'Sec-Fetch-Site': 'cross-site', ...fetched },
    expected: 403,
  },
  {
    what: 'another site in an older browser',
    headers: { Origin: evil, 'Content-Type': 'text/plain' },
    body: '{}',
    expected: 403,
  },
  {
    what: 'a page of another port',
    headers: { Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-site', ...fetched },
    expected: 403,
  },
  { what: 'a page of the same port by another name', headers: { Origin: 'http://127.0.0.1:PORT' }, expected: 403 },
  {
    what: 'a page without origin',
    headers: { Origin: 'null', 'Sec-Fetch-Site': 'cross-site', ...fetched },
    expected: 403,
  },
  {
    what: 'a sandboxed frame of our page',
    headers: { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
    expected: 403,
  },
  { what: 'an extension', headers: { Origin: 'chrome-extension://abcdef', 'Sec-Fetch-Site': 'none' }, expected: 403 },
  { what: 'two origins', headers: { Origin: `${own}, ${evil}` }, expected: 403 },
  { what: 'an origin that begins like ours', headers: { Origin: `${own}.evil.example` }, expected: 403 },
  {
    what: 'a page that asks before it sends (preflight)',
    method: 'OPTIONS',
    headers: { Origin: evil, 'Access-Control-Request-Method': 'DELETE', 'Sec-Fetch-Site': 'cross-site' },
    expected: 403,
  },
  { what: 'a web socket of another site', isUpgrade: true, headers: { Origin: evil }, expected: 403 },
  { what: 'a web socket of a page without origin', isUpgrade: true, headers: { Origin: 'null' }, expected: 403 },
  {
    what: 'a web socket of a page of another port',
    isUpgrade: true,
    headers: { Origin: 'http://localhost:1', 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'websocket' },
    expected: 403,
  },
  { what: 'a web socket by another name', isUpgrade: true, host: 'evil.example', expected: 421 },
  {
    what: 'an allowed page of another site',
    settings: 'trusting',
    headers: { Origin: 'https://ops.example', 'Sec-Fetch-Site': 'cross-site', ...fetched, ...json },
    body: '{}',
    expected: 'allow',
  },
  {
    what: 'an allowed page that asks before it sends',
    settings: 'trusting',
    method: 'OPTIONS',
    headers: {
      Origin: 'https://ops.example',
      'Access-Control-Request-Method': 'DELETE',
      'Sec-Fetch-Site': 'cross-site',
    },
    expected: 204,
  },
  {
    what: 'another page where one is allowed',
    settings: 'trusting',
    headers: { Origin: 'https://ops.example.evil.example', 'Sec-Fetch-Site': 'cross-site', ...fetched },
    expected: 403,
  },
];

const people: readonly GuardCase[] = [
  { what: 'nobody', settings: 'closed', expected: onlyHealth },
  { what: 'a wrong token', settings: 'closed', headers: { Authorization: `Bearer ${token}x` }, expected: onlyHealth },
  { what: 'the token', settings: 'closed', headers: bearer, expected: 'allow' },
  { what: 'the token as a password', settings: 'closed', headers: basic(`isobar:${token}`), expected: 'allow' },
  { what: 'a user', settings: 'closed', headers: basic('ada:secret'), expected: 'allow' },
  { what: 'a user with a wrong password', settings: 'closed', headers: basic('ada:Secret'), expected: onlyHealth },
  {
    what: 'a user without the role',
    settings: 'closed',
    headers: basic('bob:secret'),
    expected: { health: 'allow', page: 403, reads: 403, asks: 403, changes: 403, link: 'allow', answers: 'allow' },
  },
  {
    what: 'the token on another site',
    settings: 'closed',
    headers: { ...bearer, Origin: evil, 'Sec-Fetch-Site': 'cross-site' },
    expected: 403,
  },
  { what: 'the token by another name', settings: 'closed', headers: bearer, host: 'evil.example', expected: 421 },
  {
    what: 'a web socket of nobody',
    settings: 'closed',
    isUpgrade: true,
    headers: { Origin: own },
    expected: onlyHealth,
  },
  { what: 'anybody, where nothing may change', settings: 'read-only', headers: json, body: '{}', expected: onlyRead },
];

export const guardCases = [...hosts, ...programs, ...pages, ...people];
