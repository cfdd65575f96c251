import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createService, type RunningService } from '@isobar/service-kit';
import { findAnswersOutsideDescription } from '@isobar/service-kit/testing';
import { streamAdminService } from './app.module.js';

describe('the API description of stream-admin', () => {
  let service: RunningService;

  beforeAll(async () => {
    // Its neighbours are away: what it says then is described too.
    service = await createService(streamAdminService, {
      PORT: '0',
      LOG_LEVEL: 'silent',
      KAFKA_BROKERS: '127.0.0.1:1',
      KSQLDB_URL: 'http://127.0.0.1:1',
      CONNECT_URL: 'http://127.0.0.1:1',
    });
  }, 30_000);
  afterAll(async () => {
    await service?.stop();
  }, 30_000);

  it('lists every answer to odd requests', async () => {
    expect(await findAnswersOutsideDescription(service.url)).toEqual([]);
  }, 240_000);
});
