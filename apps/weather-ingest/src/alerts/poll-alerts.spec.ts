import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { weatherAlertV1, type City, type WeatherAlert } from '@isobar/contracts';
import { pino } from 'pino';
import { Places } from '../nws/places.js';
import { clientOf } from '../testing/client-of.js';
import { FakeWeatherService } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { PollAlerts } from './poll-alerts.js';

const minute = 60_000;
const startMs = Date.parse('2026-06-01T12:00:00Z');
const at = (minutes: number): string => new Date(startMs + minutes * minute).toISOString();

const message = (id: string, sentMinutes: number, more: Record<string, unknown> = {}) => ({
  id,
  event: 'Heat Advisory',
  status: 'Actual',
  messageType: 'Alert',
  severity: 'Moderate',
  sent: at(sentMinutes),
  onset: at(sentMinutes),
  ends: at(600),
  geocode: { UGC: ['TSZ001'] },
  headline: `message ${id}`,
  ...more,
});
const vtec = (action: string) => ({ parameters: { VTEC: [`/O.${action}.KOKX.HT.Y.0003.260601T1200Z-260601T2200Z/`] } });

describe('official warnings', () => {
  const service = new FakeWeatherService();
  let nowMs: number;
  let topic: [string, WeatherAlert][];
  let state: Map<string, WeatherAlert>;
  let polling: PollAlerts;

  const make = () => {
    const client = clientOf(service, () => nowMs);
    return new PollAlerts(
      client,
      new Places(client),
      {
        now: () => nowMs,
        publish: async ({ key, value }) => {
          const alert = weatherAlertV1.parseValue(value);
          if (alert !== null) topic.push([key, alert]);
        },
        published: {
          get: (key) => state.get(key),
          all: () => [...state],
          set: (key, alert) => state.set(key, alert),
          delete: (key) => state.delete(key),
        },
        onOutcome: () => undefined,
      },
      pino({ level: 'silent' }),
    );
  };
  const poll = async (...alerts: Record<string, unknown>[]): Promise<string[]> => {
    service.alerts = alerts;
    topic = [];
    nowMs += 4 * minute;
    await polling.poll([newYork]);
    return topic.map(([key, alert]) => `${key} ${alert.status} ${alert.alert_id}`);
  };

  beforeAll(() => service.start());
  afterAll(() => service.stop());
  beforeEach(() => {
    nowMs = startMs;
    state = new Map();
    service.faults.clear();
    service.requests.length = 0;
    polling = make();
  });

  it('are asked for once for all zones', async () => {
    await poll();
    expect(service.requests.filter(({ path }) => path.startsWith('/alerts')).map(({ path }) => path)).toEqual([
      '/alerts/active?status=actual&zone=TSC001,TSZ001',
    ]);
  });

  it('are published once; an update takes the place of what it updates, also over a restart', async () => {
    const key = 'new-york-ny/KOKX.HT.Y.0003';
    expect(await poll(message('a', 0, vtec('NEW')))).toEqual([`${key} active a`]);
    expect(await poll(message('a', 0, vtec('NEW')))).toEqual([]);
    polling = make();
    expect(await poll(message('a', 0, vtec('NEW')))).toEqual([]);
    expect(await poll(message('b', 5, { messageType: 'Update', ...vtec('CON') }))).toEqual([`${key} active b`]);
    // An old copy of the answer.
    expect(await poll(message('a', 0, vtec('NEW')))).toEqual([]);
    expect(await poll(message('c', 15, { messageType: 'Cancel', ...vtec('CAN') }))).toEqual([`${key} cancelled c`]);
    expect(await poll(message('c', 15, { messageType: 'Cancel', ...vtec('CAN') }))).toEqual([]);
    expect(await poll()).toEqual([]);
  });

  it('without a number are followed by their references', async () => {
    expect(await poll(message('a', 0))).toEqual(['new-york-ny/a active a']);
    expect(await poll(message('b', 5, { messageType: 'Update', references: [{ identifier: 'a' }] }))).toEqual([
      'new-york-ny/a active b',
    ]);
    expect(await poll(message('c', 9, { messageType: 'Update', references: [{ identifier: 'b' }] }))).toEqual([
      'new-york-ny/a active c',
    ]);
  });

  it('end when they are listed no longer: run out or cancelled', async () => {
    await poll(message('a', 0), message('b', 0, { ends: null, expires: at(8) }));
    expect((await poll()).sort()).toEqual(['new-york-ny/a cancelled a', 'new-york-ny/b expired b']);
    expect(await poll()).toEqual([]);
  });

  it('end when their city is watched no longer, as nobody would follow them', async () => {
    const miami: City = { ...newYork, id: 'miami-fl', name: 'Miami', state: 'FL' };
    service.alerts = [message('a', 0)];
    topic = [];
    nowMs += 4 * minute;
    await polling.poll([newYork, miami]);
    expect(topic.map(([key, { status }]) => `${key} ${status}`).sort()).toEqual([
      'miami-fl/a active',
      'new-york-ny/a active',
    ]);
    expect(await poll(message('a', 0))).toEqual(['miami-fl/a cancelled a']);
    expect(await poll(message('a', 0))).toEqual([]);
  });

  it('do not end because the service does not answer', async () => {
    await poll(message('a', 0));
    service.faults.set('/alerts', { kind: 'status', status: 503 });
    expect(await poll()).toEqual([]);
    service.faults.set('/alerts', { kind: 'empty-feature' });
    expect(await poll()).toEqual([]);
    expect([...state.keys()]).toEqual(['new-york-ny/a']);
  });

  it('of a test or another place are none', async () => {
    expect(await poll(message('a', 0, { status: 'Test' }), message('b', 0, { geocode: { UGC: ['XXZ009'] } }))).toEqual(
      [],
    );
  });
});
