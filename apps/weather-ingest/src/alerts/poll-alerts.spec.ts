import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { epochMs, weatherAlertV1, type City, type WeatherAlert } from '@isobar/contracts';
import { pino } from 'pino';
import { Places } from '../nws/places.js';
import { Refusals } from '../nws/refusals.js';
import { clientOf } from '../testing/client-of.js';
import { FakeWeatherService, type Fault } from '../testing/fake-weather-service.js';
import { newYork } from '../testing/new-york.js';
import { PollAlerts } from './poll-alerts.js';
import type { HeldWarning } from './warning-life.js';

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
const vtec = (action: string, end = '260601T2200Z') => ({
  parameters: { VTEC: [`/O.${action}.KOKX.HT.Y.0003.260601T1200Z-${end}/`] },
});
const key = 'new-york-ny/KOKX.HT.Y.0003';
const miami: City = { ...newYork, id: 'miami-fl', name: 'Miami', state: 'FL', latitude: 25.7617, longitude: -80.1918 };
const around = (longitude: number, latitude: number) => ({
  type: 'Polygon',
  coordinates: [
    [
      [longitude - 0.2, latitude - 0.2],
      [longitude + 0.2, latitude - 0.2],
      [longitude, latitude + 0.2],
      [longitude - 0.2, latitude - 0.2],
    ],
  ],
});

describe('official warnings', () => {
  const service = new FakeWeatherService();
  let nowMs: number;
  let topic: [string, WeatherAlert][];
  let state: Map<string, HeldWarning>;
  let polling: PollAlerts;
  let refusals: Refusals;
  let logged: string[];
  let refusesKey: string | undefined;

  const make = () => {
    const client = clientOf(service, () => nowMs);
    return new PollAlerts(
      client,
      new Places(client, undefined, undefined, () => nowMs),
      {
        now: () => nowMs,
        publish: async ({ key, value }) => {
          if (key === refusesKey) throw new Error('the broker refuses it');
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
      pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) }),
      refusals,
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
    service.geometries.clear();
    service.requests.length = 0;
    refusals = new Refusals();
    logged = [];
    refusesKey = undefined;
    polling = make();
  });

  it('are asked for once for all zones', async () => {
    await poll();
    expect(service.requests.filter(({ path }) => path.startsWith('/alerts')).map(({ path }) => path)).toEqual([
      '/alerts/active?status=actual&zone=TSC001,TSZ001',
    ]);
  });

  it('are published once; an update takes the place of what it updates, also over a restart', async () => {
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

  it('end when their city is watched no longer, as nobody would follow them', async () => {
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

  describe('in a list with an odd one', () => {
    const sound = message('sound', 0, vtec('NEW'));
    it.each<readonly [string, unknown]>([
      ['no event', { event: null }],
      ['a number for an event', { event: 7 }],
      ['no time', { sent: null }],
      ['a time without its zone', { sent: '2026-06-01T12:00:00' }],
      ['a time before there was a service', { sent: '1969-12-31T23:59:59Z' }],
      ['texts for references', { references: ['urn:oid:9'] }],
      ['text for a zone', { geocode: { UGC: 'TSZ001' } }],
      ['no id', { id: null }],
      ['a list for a headline', { headline: ['a', 'b'] }],
      ['an end that is no time', { ends: 'when it is over' }],
      ['text for parameters', { parameters: 'VTEC' }],
    ])('(%s) the sound one is published', async (_name, oddity) => {
      expect(await poll({ ...message('odd', 0), ...(oddity as object) }, sound)).toEqual([`${key} active sound`]);
      expect(refusals.all()).toMatchObject([{ what: 'warning', reason: expect.stringMatching(/^odd /), count: 1 }]);
      // It comes with every list; that is no news.
      await poll({ ...message('odd', 0), ...(oddity as object) }, sound);
      expect(refusals.all()).toMatchObject([{ count: 1 }]);
    });

    it.each<readonly [string, unknown]>([
      ['nothing', null],
      ['text', 'warning'],
      ['a feature without properties', { type: 'Feature' }],
      ['a list', []],
    ])('(%s) the sound one is published, too', async (_name, feature) => {
      service.faults.set('/alerts', { kind: 'body', body: { features: [feature, { properties: sound }] } });
      expect(await poll()).toEqual([`${key} active sound`]);
      expect(refusals.all()).toMatchObject([{ what: 'warning', count: 1 }]);
    });

    it('of the same id, each is its own warning', async () => {
      const other = { parameters: { VTEC: ['/O.NEW.KOKX.WI.Y.0007.260601T1200Z-260601T2200Z/'] } };
      expect((await poll(sound, message('sound', 0, other))).sort()).toEqual([
        `${key} active sound`,
        'new-york-ny/KOKX.WI.Y.0007 active sound',
      ]);
      expect(new Set(topic.map(([, { event_id }]) => event_id)).size).toBe(2);
    });

    it('one that the broker refuses is tried again, and holds up nobody', async () => {
      refusesKey = 'new-york-ny/a';
      expect(await poll(message('a', 0), message('b', 1))).toEqual(['new-york-ny/b active b']);
      refusesKey = undefined;
      expect(await poll(message('a', 0), message('b', 1))).toEqual(['new-york-ny/a active a']);
    });

    it('a text without end is cut, and the warning goes out', async () => {
      expect(await poll(message('a', 0, { description: 'x'.repeat(3_000_000) }))).toEqual(['new-york-ny/a active a']);
      expect(topic[0]?.[1].description?.length).toBeLessThan(100_000);
    });
  });

  describe('from the future', () => {
    it.each(['sent', 'effective'])('by %s are refused; the next good message speaks', async (field) => {
      expect(await poll(message('ahead', 0, { ...vtec('NEW'), [field]: at(24 * 60) }))).toEqual([]);
      expect(refusals.all()).toMatchObject([{ what: 'warning', reason: 'too far ahead', count: 1 }]);
      expect(await poll(message('b', 5, vtec('CON')))).toEqual([`${key} active b`]);
    });

    it('are taken up to five minutes ahead, and whenever they begin', async () => {
      expect(await poll(message('a', 8, { onset: at(2_000), ends: at(3_000), expires: at(2_500) }))).toEqual([
        'new-york-ny/a active a',
      ]);
    });

    it('that were published before do not outlive the messages of today', async () => {
      await poll(message('a', 0, vtec('NEW')));
      const held = state.get(key);
      if (held === undefined) throw new Error('it is held');
      state.set(key, { ...held, issued_at: epochMs(startMs + 86_400_000) });
      polling = make();
      expect(await poll(message('b', 5, vtec('CON')))).toEqual([`${key} active b`]);
      state.set(key, { ...held, issued_at: epochMs(startMs + 86_400_000) });
      expect(await poll(message('c', 9, vtec('CAN')))).toEqual([`${key} cancelled c`]);
    });
  });

  describe('while the point of another city', () => {
    const faults: readonly (readonly [string, Fault])[] = [
      ['is refused', { kind: 'status', status: 404, problem: 'InvalidPoint' }],
      ['fails', { kind: 'status', status: 500 }],
      ['is a page', { kind: 'html', status: 200 }],
      ['is half a body', { kind: 'half-body' }],
      ['says nothing', { kind: 'nulls' }],
      ['is garbage', { kind: 'body', body: [1, 2] }],
      ['redirects for ever', { kind: 'redirect', to: '/points/25.7617,-80.1918' }],
    ];
    const pollBoth = async (): Promise<string[]> => {
      service.alerts = [message('a', 0, vtec('NEW'))];
      topic = [];
      nowMs += 4 * minute;
      await polling.poll([miami, newYork]);
      return topic.map(([alertKey, { status }]) => `${alertKey} ${status}`);
    };

    it.each(faults)('%s, the warning is published, and the trouble is told once', async (_name, fault) => {
      service.faults.set('/points/25.7617', fault);
      expect(await pollBoth()).toEqual([`${key} active`]);
      expect(logged.map((line) => JSON.parse(line) as object)).toMatchObject([{ level: 40, place: 'miami-fl' }]);
      const asked = service.count('/points/25.7617');
      await pollBoth();
      expect(service.count('/points/25.7617')).toBeGreaterThan(asked);
      expect(logged).toHaveLength(1);
      // It is there with the first round after.
      service.faults.clear();
      nowMs += 16 * minute;
      expect(await pollBoth()).toEqual(['miami-fl/KOKX.HT.Y.0003 active']);
    });

    it('hangs, the warning is published', async () => {
      service.faults.set('/points/25.7617', { kind: 'hang' });
      expect(await pollBoth()).toEqual([`${key} active`]);
    }, 20_000);

    it('fails that was known before, its zones go on being used', async () => {
      service.alerts = [];
      await polling.poll([miami, newYork]);
      nowMs += 3 * 24 * 60 * minute;
      service.faults.set('/points/', { kind: 'status', status: 404, problem: 'InvalidPoint' });
      expect((await pollBoth()).sort()).toEqual([]);
      service.alerts = [message('b', 3 * 24 * 60, { ends: null })];
      topic = [];
      nowMs += 4 * minute;
      await polling.poll([miami, newYork]);
      expect(topic.map(([alertKey]) => alertKey).sort()).toEqual(['miami-fl/b', 'new-york-ny/b']);
    });

    it('has a zone that the service refuses, each city is asked for by itself', async () => {
      service.faults.set('/alerts/active?status=actual&zone=TSC001,TSZ001,XXC009', { kind: 'status', status: 400 });
      service.faults.set('/alerts/active?status=actual&zone=TSZ001,XXC009', { kind: 'status', status: 400 });
      service.county = 'XXC009';
      await polling.poll([miami]);
      service.county = 'TSC001';
      // Miami shares a zone with New York here; its own list is refused, and it is warned all the same.
      expect((await pollBoth()).sort()).toEqual(['miami-fl/KOKX.HT.Y.0003 active', `${key} active`]);
      expect(service.requests.map(({ path }) => path)).toContain('/alerts/active?status=actual&zone=TSC001,TSZ001');
    });
  });

  describe('of a storm', () => {
    const storm = (id: string, sent: number, more = {}) =>
      message(id, sent, {
        event: 'Tornado Warning',
        parameters: { VTEC: ['/O.NEW.KOKX.TO.W.0012.260601T1200Z-260601T2200Z/'] },
        ...more,
      });
    const stormKey = 'new-york-ny/KOKX.TO.W.0012';

    it('are for whom it is drawn around, not for all of its county', async () => {
      service.geometries.set('far', around(-74.9, 40.7));
      expect(await poll(storm('far', 0))).toEqual([]);
      service.geometries.set('near', around(-74.0, 40.7));
      expect(await poll(storm('far', 0), storm('near', 1))).toEqual([`${stormKey} active near`]);
    });

    it('are over where the storm has gone on', async () => {
      service.geometries.set('a', around(-74.0, 40.7));
      expect(await poll(storm('a', 0))).toEqual([`${stormKey} active a`]);
      service.geometries.set('b', around(-73.4, 40.7));
      expect(await poll(storm('b', 5))).toEqual([`${stormKey} cancelled b`]);
      expect(await poll(storm('a', 0))).toEqual([]);
    });

    it('that draw no valid polygon are for the zones that they name, counted with the reason', async () => {
      service.geometries.set('a', { type: 'Polygon', coordinates: [[[-74, 40]]] });
      expect(await poll(storm('a', 0))).toEqual([`${stormKey} active a`]);
      expect(refusals.all()).toMatchObject([{ what: 'polygon', reason: 'too few points', detail: 'a' }]);
    });

    it('reach a city although its own zones are not named', async () => {
      service.geometries.set('a', around(-74.0, 40.7));
      expect(await poll(storm('a', 0, { geocode: { UGC: ['XXC009'] } }))).toEqual([`${stormKey} active a`]);
    });
  });

  describe('end', () => {
    it('by the action of their code, in the zones of that message alone', async () => {
      for (const [action, status] of [
        ['CAN', 'cancelled'],
        ['EXP', 'expired'],
        ['UPG', 'upgraded'],
      ] as const) {
        state.clear();
        nowMs = startMs;
        polling = make();
        await poll(message('a', 0, vtec('NEW')));
        for (const going of ['CON', 'EXT', 'EXA', 'EXB', 'COR'])
          expect(await poll(message(going, nowMs / minute - startMs / minute, vtec(going)))).toEqual([
            `${key} active ${going}`,
          ]);
        const elsewhere = message('z', 30, { ...vtec(action), geocode: { UGC: ['XXZ009'] } });
        expect(await poll(elsewhere)).toEqual([]);
        expect(await poll(message('z', 31, vtec(action)))).toEqual([`${key} ${status} z`]);
      }
    });

    it('in one message with the one that takes their place', async () => {
      await poll(message('a', 0, vtec('NEW')));
      const both = [
        '/O.UPG.KOKX.HT.Y.0003.260601T1200Z-260601T2200Z/',
        '/O.NEW.KOKX.EH.W.0001.260601T1200Z-260601T2200Z/',
      ];
      expect((await poll(message('b', 5, { parameters: { VTEC: both } }))).sort()).toEqual([
        'new-york-ny/KOKX.EH.W.0001 active b',
        `${key} upgraded b`,
      ]);
    });

    it('by no list that misses them, however often', async () => {
      await poll(message('a', 0, vtec('NEW')), message('b', 0));
      for (let round = 0; round < 20; round += 1) expect(await poll()).toEqual([]);
      expect(await poll(message('a', 0, vtec('NEW')), message('b', 0))).toEqual([]);
    });

    it('by their own end, five minutes after it, when no good list renews them', async () => {
      await poll(message('a', 0, { ...vtec('NEW'), ends: at(30) }), message('b', 0, { ends: null, expires: at(30) }));
      nowMs = startMs + 28 * minute;
      expect(await poll()).toEqual([]);
      service.faults.set('/alerts', { kind: 'status', status: 503 });
      expect(await poll()).toEqual([]);
      service.faults.clear();
      expect((await poll()).sort()).toEqual([`${key} expired a`, 'new-york-ny/b expired b']);
      expect(await poll()).toEqual([]);
    });

    it('not by the end of their text where the code knows no end, until they are long gone', async () => {
      await poll(message('a', 0, { ...vtec('NEW', '000000T0000Z'), ends: null, expires: at(60) }));
      expect(topic[0]?.[1].ends_at).toBeNull();
      nowMs = startMs + 7 * 60 * minute;
      expect(await poll()).toEqual([]);
      expect(await poll()).toEqual([]);
      // One list that has it begins the count anew.
      expect(await poll(message('a', 0, { ...vtec('NEW', '000000T0000Z'), ends: null, expires: at(60) }))).toEqual([]);
      expect([await poll(), await poll(), await poll()].flat()).toEqual([]);
      expect(await poll()).toEqual([`${key} no-longer-listed a`]);
    });

    it('and are not begun again by an old list, also over a restart', async () => {
      await poll(message('a', 0, vtec('NEW')));
      expect(await poll(message('b', 5, vtec('CAN')))).toEqual([`${key} cancelled b`]);
      expect(await poll(message('a', 0, vtec('NEW')))).toEqual([]);
      polling = make();
      expect(await poll(message('a', 0, vtec('NEW')))).toEqual([]);
      expect(await poll(message('c', 9, vtec('EXT')))).toEqual([`${key} active c`]);
    });

    it('also when the end comes before the beginning', async () => {
      expect(await poll(message('b', 5, vtec('CAN')))).toEqual([]);
      expect(await poll(message('a', 0, vtec('NEW')))).toEqual([]);
    });

    it('are remembered for a week', async () => {
      await poll(message('a', 0, vtec('NEW')));
      await poll(message('b', 5, vtec('CAN')));
      nowMs += 8 * 24 * 60 * minute;
      await poll();
      expect(state.size).toBe(0);
    });

    it('by a cancellation that names what it cancels', async () => {
      await poll(message('a', 0));
      await poll(message('b', 2, { messageType: 'Update', references: [{ identifier: 'a' }] }));
      const cancel = { messageType: 'Cancel', references: [{ identifier: 'a' }], geocode: { UGC: ['XXZ009'] } };
      expect(await poll(message('c', 5, cancel))).toEqual(['new-york-ny/a cancelled c']);
    });
  });

  it('with a code for tests, or routine, are none; an action that nobody knows yet is one', async () => {
    const coded = (text: string) => ({ parameters: { VTEC: [text] } });
    expect(await poll(message('t', 0, coded('/T.NEW.KOKX.TO.W.0001.260601T1200Z-260601T2200Z/')))).toEqual([]);
    expect(await poll(message('r', 0, coded('/O.ROU.KOKX.FL.S.0000.260601T1200Z-260601T2200Z/')))).toEqual([]);
    expect(await poll(message('n', 0, vtec('QQQ')))).toEqual([`${key} active n`]);
  });

  it('of one number on one list: the newest speaks, whatever the order; sent together, the one that warns', async () => {
    const messages = [message('b', 5, vtec('CON')), message('a', 0, vtec('NEW')), message('c', 5, vtec('CAN'))];
    expect(await poll(...messages)).toEqual([`${key} active b`]);
    expect(await poll(...messages.reverse())).toEqual([]);
  });

  it('on several pages are taken from each; a page that does not come ends nothing', async () => {
    const page = (next: string | undefined, ...properties: unknown[]) => ({
      kind: 'body' as const,
      body: {
        features: properties.map((each) => ({ properties: each })),
        pagination: next === undefined ? {} : { next },
      },
    });
    const second = '/alerts/active?cursor=2';
    service.faults.set(second, page(undefined, message('b', 1)));
    service.faults.set('/alerts', page(`https://api.weather.gov${second}`, message('a', 0, { ends: at(10) })));
    expect((await poll()).sort()).toEqual(['new-york-ny/a active a', 'new-york-ny/b active b']);
    nowMs += 20 * minute;
    service.faults.clear();
    service.faults.set(second, { kind: 'status', status: 500 });
    service.faults.set('/alerts', page(second, message('b', 1)));
    expect(await poll()).toEqual([]);
    service.faults.set(second, page(undefined));
    expect(await poll()).toEqual(['new-york-ny/a expired a']);
  });

  it('have the same ids whoever publishes them: two that run side by side repeat, and add nothing', async () => {
    await poll(message('a', 0, vtec('NEW')));
    const first = topic.map(([alertKey, { event_id }]) => [alertKey, event_id]);
    state = new Map();
    polling = make();
    await poll(message('a', 0, vtec('NEW')));
    expect(topic.map(([alertKey, { event_id }]) => [alertKey, event_id])).toEqual(first);
  });
});
