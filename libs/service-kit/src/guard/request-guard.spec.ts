import { describe, expect, it } from '@jest/globals';
import { createRequestGuard, type GuardPolicy } from './request-guard.js';
import type { GuardedRequest, GuardVerdict } from './verdict.js';

const open: GuardPolicy = {
  allowedHosts: new Set(['ksqldb']),
  allowedOrigins: new Set(['https://ops.example']),
  credentials: undefined,
  isReadOnly: false,
  bodies: 'any',
  routes: { 'GET /': 'page', 'GET /healthz': 'health' },
};
const closed: GuardPolicy = {
  ...open,
  credentials: {
    token: 'a-token-of-some-length',
    users: [
      { name: 'ada', password: 'pass:word', roles: ['developer'] },
      { name: 'bob', password: 'builder', roles: ['guest'] },
    ],
    realm: 'isobar',
    roles: ['developer'],
  },
};

type Asked = Partial<GuardedRequest> & Pick<GuardedRequest, 'headers'>;
const ask = (request: Asked, policy = open): GuardVerdict =>
  createRequestGuard(policy)({
    method: 'GET',
    path: '/data',
    hostCount: 1,
    isUpgrade: false,
    ...request,
    headers: { host: 'localhost:3000', ...request.headers },
  });
const outcome = (request: Asked, policy?: GuardPolicy): string => {
  const verdict = ask(request, policy);
  return verdict.allow ? 'allowed' : `${verdict.status} ${verdict.code}`;
};
const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('the Host of a request', () => {
  it.each([
    'localhost',
    'LOCALHOST:8088',
    'localhost.:1',
    '127.0.0.1:65535',
    '127.8.8.8',
    '[::1]:3000',
    '[::1]',
    'ksqldb:8088',
    'KsqlDB',
  ])('is %s', (host) => expect(outcome({ headers: { host } })).toBe('allowed'));

  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'x.localhost',
    '0.0.0.0:3000',
    '192.168.1.5',
    '[::2]',
    '127.1.1',
  ])('is not %s', (host) => expect(outcome({ headers: { host } })).toBe('421 misdirected-request'));

  it.each([
    '',
    'user@localhost',
    'localhost@evil.example',
    'localhost:',
    'localhost:0',
    'localhost:65536',
    'localhost:80:80',
    'localhost/x',
    'localhost, evil.example',
    'local host',
    '[::1',
    '..',
    'löcalhost',
    'http://localhost',
  ])('is no host at all: "%s"', (host) => expect(outcome({ headers: { host } })).toBe('400 malformed-request'));

  it('is there once', () => {
    expect(outcome({ headers: { host: undefined } })).toBe('400 malformed-request');
    expect(outcome({ headers: {}, hostCount: 2 })).toBe('400 malformed-request');
    expect(outcome({ headers: { host: 'localhost', ':authority': 'localhost' } })).toBe('allowed');
    expect(outcome({ headers: { host: undefined, ':authority': 'localhost' } })).toBe('allowed');
    expect(outcome({ headers: { host: 'localhost', ':authority': 'evil.example' } })).toBe('400 malformed-request');
    expect(outcome({ headers: { ':authority': 'evil.example', host: undefined } })).toBe('421 misdirected-request');
  });

  it('is not what a proxy says, nor what the target says', () => {
    expect(outcome({ headers: { host: 'evil.example', 'x-forwarded-host': 'localhost' } })).toBe(
      '421 misdirected-request',
    );
    expect(outcome({ headers: { 'x-forwarded-host': 'evil.example' } })).toBe('allowed');
    for (const path of ['http://localhost:3000/data', 'evil.example:443', '', '*'])
      expect(outcome({ path, headers: {} })).toBe('400 malformed-request');
    expect(outcome({ path: '*', method: 'OPTIONS', headers: {} })).toBe('allowed');
  });

  it('counts for the health of the service too', () => {
    expect(outcome({ path: '/healthz', headers: { host: 'evil.example' } })).toBe('421 misdirected-request');
  });
});

describe('where a request comes from', () => {
  const programs: Asked[] = [
    { headers: {} },
    { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
    { method: 'POST', headers: { 'content-type': 'text/plain' } },
    { method: 'DELETE', headers: {} },
    { isUpgrade: true, headers: {} },
    // Node's fetch sends the mode without the site.
    { method: 'POST', headers: { 'sec-fetch-mode': 'cors' } },
    { method: 'POST', headers: { referer: 'https://evil.example/' } },
  ];
  it.each(programs)('lets programs be: %j', (request) => expect(outcome(request)).toBe('allowed'));

  const own: Asked[] = [
    { method: 'POST', headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' } },
    { method: 'POST', headers: { origin: 'http://localhost:3000' } },
    { headers: { 'sec-fetch-site': 'same-origin' } },
    { isUpgrade: true, headers: { origin: 'http://localhost:3000' } },
    { headers: { host: 'localhost', origin: 'http://localhost' } },
    { headers: { host: 'ksqldb', origin: 'https://ksqldb' } },
    { headers: { host: '[::1]:3000', origin: 'http://[::1]:3000' } },
    { headers: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' } },
  ];
  it.each(own)('lets its own page and the address bar be: %j', (request) => expect(outcome(request)).toBe('allowed'));

  const foreign: Asked[] = [
    { method: 'POST', headers: { origin: 'https://evil.example' } },
    { headers: { origin: 'https://evil.example' } },
    { isUpgrade: true, headers: { origin: 'https://evil.example' } },
    { headers: { origin: 'http://localhost:3001' } },
    { headers: { origin: 'http://127.0.0.1:3000' } },
    { headers: { origin: 'http://localhost' } },
    { headers: { origin: 'http://localhost:3000/' } },
    { headers: { origin: 'http://localhost:3000@evil.example' } },
    { headers: { origin: 'http://localhost:3000, http://evil.example' } },
    { headers: { origin: 'chrome-extension://abc' } },
    { headers: { origin: '' } },
    { headers: { origin: 'null' } },
    { isUpgrade: true, headers: { origin: 'null' } },
    { headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' } },
    { headers: { origin: 'https://evil.example', 'sec-fetch-site': 'same-origin' } },
    { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' } },
    { headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' } },
    { headers: { 'sec-fetch-site': 'something-new' } },
    { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } },
    { method: 'POST', headers: { 'sec-fetch-site': 'none' } },
    { isUpgrade: true, headers: { 'sec-fetch-site': 'none' } },
  ];
  it.each(foreign)('refuses pages of other sites: %j', (request) =>
    expect(outcome(request)).toBe('403 foreign-origin'),
  );

  it('opens a page for a link on another site, and nothing else', () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect(outcome({ path: '/', headers: link })).toBe('allowed');
    expect(outcome({ path: '/', method: 'HEAD', headers: link })).toBe('allowed');
    expect(outcome({ path: '/', headers: { ...link, 'sec-fetch-site': 'same-site' } })).toBe('allowed');
    expect(outcome({ path: '/data', headers: link })).toBe('403 foreign-origin');
    expect(outcome({ path: '/', method: 'POST', headers: link })).toBe('403 foreign-origin');
    expect(outcome({ path: '/', isUpgrade: true, headers: link })).toBe('403 foreign-origin');
    expect(outcome({ path: '/', headers: { ...link, 'sec-fetch-dest': 'iframe' } })).toBe('403 foreign-origin');
    expect(outcome({ path: '/', headers: { ...link, origin: 'null' } })).toBe('403 foreign-origin');
  });

  it('answers a page that asks before it sends, with leave for allowed ones alone', () => {
    const asks = { 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'content-type' };
    expect(outcome({ method: 'OPTIONS', headers: { ...asks, origin: 'https://evil.example' } })).toBe(
      '403 foreign-origin',
    );
    expect(ask({ method: 'OPTIONS', headers: { ...asks, origin: 'https://evil.example' } })).toMatchObject({
      headers: {},
    });
    const verdict = ask({ method: 'OPTIONS', headers: { ...asks, origin: 'https://ops.example' } }, closed);
    expect(verdict).toMatchObject({
      status: 204,
      headers: { 'Access-Control-Allow-Origin': 'https://ops.example', 'Access-Control-Allow-Headers': 'content-type' },
    });
    expect(
      ask({ method: 'POST', headers: { origin: 'https://ops.example', 'sec-fetch-site': 'cross-site' } }),
    ).toMatchObject({
      allow: true,
      headers: { 'Access-Control-Allow-Origin': 'https://ops.example', Vary: 'Origin' },
    });
  });
});

describe('who asks', () => {
  it('is a token or a user with a role', () => {
    expect(ask({ headers: { authorization: 'Bearer a-token-of-some-length' } }, closed)).toMatchObject({
      allow: true,
      principal: { name: 'isobar' },
    });
    expect(outcome({ headers: basic('isobar:a-token-of-some-length') }, closed)).toBe('allowed');
    expect(ask({ headers: basic('ada:pass:word') }, closed)).toMatchObject({
      principal: { name: 'ada', roles: ['developer'] },
    });
    expect(outcome({ headers: basic('bob:builder') }, closed)).toBe('403 forbidden');
  });

  it.each([
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer a-token-of-some-lengtH' },
    { authorization: 'Bearer a-token-of-some-length x' },
    { authorization: 'Digest a-token-of-some-length' },
    { authorization: 'Bearer pass:word' },
    { authorization: 'Basic !!!' },
    basic('ada'),
    basic('ada:'),
    basic(':pass:word'),
    basic('ada:builder'),
    basic('isobar:pass:word'),
    basic('ADA:pass:word'),
  ])('is nobody with %j', (headers) => {
    const verdict = ask({ headers }, closed);
    expect(verdict).toMatchObject({
      status: 401,
      code: 'not-authenticated',
      headers: { 'WWW-Authenticate': 'Basic realm="isobar", charset="UTF-8"' },
    });
    expect(JSON.stringify(verdict)).not.toContain('a-token-of-some-length');
  });

  it('is of no matter where the health is asked', () => {
    expect(outcome({ path: '/healthz', headers: {} }, closed)).toBe('allowed');
    for (const path of ['/healthz/', '/HEALTHZ', '//healthz', '/healthz/../data'])
      expect(outcome({ path, headers: {} }, closed)).toBe('401 not-authenticated');
    expect(outcome({ path: '/healthz', method: 'POST', headers: {} }, closed)).toBe('401 not-authenticated');
  });

  it('does not make a foreign page welcome', () => {
    const headers = { ...basic('ada:pass:word'), origin: 'https://evil.example' };
    expect(outcome({ headers }, closed)).toBe('403 foreign-origin');
  });
});

describe('a service that only answers questions', () => {
  it('refuses what changes something', () => {
    const readOnly = { ...open, isReadOnly: true };
    expect(outcome({ headers: {} }, readOnly)).toBe('allowed');
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'get'])
      expect(outcome({ method, headers: {} }, readOnly)).toBe('403 read-only');
  });
});

describe('a body', () => {
  const json = { ...open, bodies: 'json' as const };
  const post = (headers: GuardedRequest['headers']) => outcome({ method: 'POST', headers }, json);

  it('is JSON where JSON is meant', () => {
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/merge-patch+json'])
      expect(post({ 'content-length': '2', 'content-type': type })).toBe('allowed');
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      'application/jsonp',
      'text/plain; application/json',
      '',
    ])
      expect(post({ 'content-length': '2', 'content-type': type })).toBe('415 unsupported-media-type');
    expect(post({ 'transfer-encoding': 'chunked' })).toBe('415 unsupported-media-type');
    expect(post({ 'content-length': '2' })).toBe('415 unsupported-media-type');
  });

  it('may be of another type where the service names it', () => {
    const csv = { 'content-length': '2', 'content-type': 'Text/CSV; charset=utf-8' };
    expect(outcome({ method: 'POST', headers: csv }, json)).toBe('415 unsupported-media-type');
    expect(outcome({ method: 'POST', headers: csv }, { ...json, bodyTypes: ['text/csv'] })).toBe('allowed');
    const plain = { 'content-length': '2', 'content-type': 'text/plain' };
    expect(outcome({ method: 'POST', headers: plain }, { ...json, bodyTypes: ['text/csv'] })).toBe(
      '415 unsupported-media-type',
    );
  });

  it('may be missing', () => {
    expect(post({})).toBe('allowed');
    expect(post({ 'content-length': '0', 'content-type': 'text/plain' })).toBe('allowed');
  });
});
