import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startNative, type NativeRuntime } from './native-runtime.js';

describe('the native runtime with AUTH=on', () => {
  let runtime: NativeRuntime;
  beforeAll(async () => {
    // The start itself proves much: the pipeline is deployed and the marked reading seen at the dashboard by who has the token.
    runtime = await startNative({ AUTH: 'on' });
  }, 300_000);
  afterAll(() => runtime?.stop(), 120_000);

  it('answers nobody without the token', async () => {
    const { dashboardUrl, userServiceUrl, sensorSimUrl, streamAdminUrl, ksqldbUrl } = runtime.addresses;
    const addresses = [
      `${dashboardUrl}/api/cities`,
      `${userServiceUrl}/users`,
      `${sensorSimUrl}/sensors`,
      `${streamAdminUrl}/queries`,
      `${ksqldbUrl}/status`,
    ];
    for (const address of addresses) {
      const answer = await fetch(address);
      expect([address, answer.status]).toEqual([address, 401]);
      expect(answer.headers.get('www-authenticate')).toContain('Basic realm="isobar"');
    }
  }, 60_000);

  it('is used by the command line as before', async () => {
    const cities = await runtime.isobar('city', 'list');
    expect(cities).toMatchObject({ code: 0, stdout: expect.stringContaining('Miami') });
    const queries = await runtime.isobar('queries', 'list', '--exit-code');
    expect(queries).toMatchObject({ code: 0, stdout: expect.stringContaining('RUNNING') });
    const streams = await runtime.isobar('sql', 'LIST STREAMS;');
    expect(streams).toMatchObject({ code: 0, stdout: expect.stringContaining('IOT_SENSORS_STREAM') });
  }, 120_000);
});
