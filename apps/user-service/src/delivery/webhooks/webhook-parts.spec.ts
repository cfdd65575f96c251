import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { attemptsMax, backOffMs } from '../back-off.js';
import { AddressRules, isPublicAddress } from './public-address.js';
import { newSecret, signedHeaders } from './signature.js';
import { urlProblem } from './webhook-url.js';

describe('an address', () => {
  it.each([
    ...['127.0.0.1', '10.1.2.3', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
    ...[
      '224.0.0.1',
      '255.255.255.255',
      '198.18.0.1',
      '192.0.2.1',
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      'fd12::1',
      'ff02::1',
    ],
    ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '64:ff9b::7f00:1', '2002:7f00:1::', '2001:db8::1', '2001::1', 'name', ''],
  ])('%s is not of the public internet', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each(['8.8.8.8', '172.32.0.1', '172.15.255.255', '100.63.255.255', '11.0.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it('is refused when one of several that a name leads to is not public', async () => {
    const rules = new AddressRules(false, async () => [
      { address: '8.8.8.8', family: 4 },
      { address: '10.0.0.1', family: 4 },
    ]);
    await expect(rules.addressesOf('example.org')).rejects.toThrow(/10\.0\.0\.1/);
    await expect(new AddressRules(false).addressesOf('[::1]')).rejects.toThrow(/::1/);
    await expect(new AddressRules(true).addressesOf('[::1]')).resolves.toEqual([{ address: '::1', family: 6 }]);
  });
});

describe('the URL of a webhook', () => {
  const closed = { isOpen: false };
  it.each([
    ['http://example.org/', /https/],
    ['ftp://example.org/', /https/],
    ['https://user:secret@example.org/', /password/],
    ['https://example.org:22/', /port/],
    ['https://example.org/#part', /fragment/],
    ['example.org', /such as/],
    [`https://example.org/${'a'.repeat(2_000)}`, /2000/],
  ])('%s is refused', (url, why) => {
    expect(urlProblem(url, closed)).toMatch(why);
  });

  it('may be a local one in development', () => {
    expect(urlProblem('https://example.org:8443/a?b=c', closed)).toBeUndefined();
    expect(urlProblem('http://localhost:4000/', { isOpen: true })).toBeUndefined();
  });
});

describe('a signature', () => {
  it('is the HMAC of id, timestamp and body with the bytes of the secret', () => {
    const secret = newSecret();
    expect(Buffer.from(secret.replace('whsec_', ''), 'base64')).toHaveLength(32);
    const headers = signedHeaders(secret, 'msg', 1_700_000_000_999, '{"a":1}');
    const key = Buffer.from(secret.slice(6), 'base64');
    const expected = createHmac('sha256', key).update('msg.1700000000.{"a":1}').digest('base64');
    expect(headers).toEqual({
      'webhook-id': 'msg',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${expected}`,
    });
  });

  it('is the one of the published example', () => {
    // https://github.com/standard-webhooks/standard-webhooks, the test vector of its libraries.
    const headers = signedHeaders(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_000,
      '{"test": 2432232314}',
    );
    expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });
});

describe('the back-off', () => {
  it('grows up to an hour, differs, and heeds the receiver', () => {
    const waits = Array.from({ length: attemptsMax }, (_, index) => backOffMs(index + 1, 0.5));
    expect(waits).toEqual([5_000, 20_000, 80_000, 320_000, 1_280_000, 3_600_000, 3_600_000, 3_600_000]);
    expect([backOffMs(1, 0), backOffMs(1, 1)]).toEqual([4_000, 6_000]);
    expect(backOffMs(1, 0.5, 60_000)).toBe(60_000);
    expect(backOffMs(1, 0.5, 1e12)).toBe(3_600_000);
  });
});
