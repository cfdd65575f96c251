import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createService, type RunningService } from '@isobar/service-kit';
import { findAnswersOutsideDescription } from '@isobar/service-kit/testing';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { dashboardService } from './app.module.js';

describe('the API description of dashboard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'isobar-answers-'));
  const citiesFile = join(folder, 'cities.json');
  let service: RunningService;

  beforeAll(async () => {
    cpSync(fileURLToPath(new URL('../../../config/cities.json', import.meta.url)), citiesFile);
    // Its neighbours are away: what it says then is described too.
    service = await createService(dashboardService, {
      PORT: '0',
      LOG_LEVEL: 'silent',
      KAFKA_BROKERS: '127.0.0.1:1',
      CITIES_FILE: citiesFile,
    });
  }, 30_000);
  afterAll(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 30_000);

  it('lists every answer to odd requests', async () => {
    expect(
      await findAnswersOutsideDescription(service.url, ['GET /api/events', 'GET /api/users/{id}/alerts/live']),
    ).toEqual([]);
  }, 60_000);
});
