import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../testing/manual-clock.js';
import { KsqlTestDriver } from '../testing/topology-driver.js';
import { EVENT_AHEAD_MAX_PROPERTY, EventTimeBound } from './event-time-bound.js';

const NOW_MS = 1_760_000_000_000;
const HOUR_MS = 3_600_000;

/** Sums per minute and city; the last reading of Boise comes after one of Miami whose clock is an hour ahead. */
function sums(aheadMax: string | undefined, source: string) {
  const clock = new ManualClock(NOW_MS);
  const properties: Record<string, string> = aheadMax === undefined ? {} : { [EVENT_AHEAD_MAX_PROPERTY]: aheadMax };
  const driver = new KsqlTestDriver({ clock, properties });
  driver.execute(
    `CREATE STREAM readings (city STRING KEY, n INT, taken BIGINT)
       WITH (kafka_topic='readings', value_format='JSON'${source}, partitions=1);
     CREATE TABLE sums AS SELECT city, SUM(n) AS n FROM readings
       WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS) GROUP BY city EMIT CHANGES;`,
  );
  const read = (city: string, n: number, at: number): void =>
    driver.pipe('readings', { key: city, value: { N: n, TAKEN: at }, timestamp: source === '' ? at : NOW_MS });
  read('Boise', 1, NOW_MS);
  read('Miami', 10, NOW_MS + HOUR_MS);
  read('Boise', 2, NOW_MS + 1);
  return { driver, sums: driver.read('SUMS').map(({ key, value }) => [key, value]) };
}

describe.each([
  ['record', ''],
  ['TIMESTAMP column', ", timestamp='TAKEN'"],
])('the bound of event times, by the time of the %s', (_, source) => {
  it('sets aside what lies beyond it with its place and reason, and moves no stream time', () => {
    const { driver, sums: found } = sums('300000', source);
    expect(found).toEqual([
      ['Boise', { N: 1 }],
      ['Boise', { N: 3 }],
    ]);
    expect(driver.log).toHaveLength(1);
    expect(driver.log[0]).toMatchObject({
      topic: 'readings',
      partition: 0,
      offset: 1,
      fault: 'tooFarAhead',
      message: `Event time ${NOW_MS + HOUR_MS} is 3600 s ahead of the clock; at most 300 s are taken (isobar.event.ahead.max.ms)`,
    });
    expect(driver.log[0]?.record?.key).toEqual(Buffer.from('Miami'));
  });

  it.each([[undefined], ['0']])('is off when the setting is %s: the hour ahead makes others late', (aheadMax) => {
    const { sums: found } = sums(aheadMax, source);
    expect(found).toEqual([
      ['Boise', { N: 1 }],
      ['Miami', { N: 10 }],
    ]);
  });
});

it('quotes no digits that nobody wrote: a BIGINT may have more than a number holds', () => {
  const bound = new EventTimeBound(
    () => '500',
    () => NOW_MS,
  );
  expect(bound.reason(Number(2n ** 63n - 1n))).toMatch(/^Event time of about 9\.22e\+18 is /);
  expect(bound.reason(NOW_MS + HOUR_MS)).toMatch(new RegExp(`^Event time ${NOW_MS + HOUR_MS} is 3600 s ahead`));
});

describe('the latest event time', () => {
  it('goes with the clock', () => {
    let nowMs = 1_000;
    const bound = new EventTimeBound(
      () => '500',
      () => nowMs,
    );
    expect(bound.latestMs()).toBe(1_500);
    nowMs += 10;
    expect(bound.latestMs()).toBe(1_510);
  });
});
