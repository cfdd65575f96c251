import { describe, expect, it } from '@jest/globals';
import { KsqlStatementError } from '../errors/sql-error.js';
import { ManualClock } from './manual-clock.js';
import { KsqlTestDriver } from './topology-driver.js';

const READINGS = `
  CREATE STREAM readings (sensor_id VARCHAR KEY, city VARCHAR, temperature_f DOUBLE)
    WITH (KAFKA_TOPIC = 'readings', VALUE_FORMAT = 'JSON');`;

describe('KsqlTestDriver', () => {
  it('takes SQL and input records and gives output records', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`${READINGS}
      CREATE TABLE hottest AS SELECT city, MAX(temperature_f) AS max_f FROM readings GROUP BY city;`);
    driver.pipe('readings', { key: 's1', value: { city: 'Miami', temperature_f: 88.5 }, timestamp: 1_000 });
    driver.pipe('readings', { key: 's2', value: { city: 'Miami', temperature_f: 91 }, timestamp: 2_000 });
    expect(driver.read('HOTTEST')).toEqual([
      { key: 'Miami', value: { MAX_F: 88.5 }, timestamp: 1_000 },
      { key: 'Miami', value: { MAX_F: 91 }, timestamp: 2_000 },
    ]);
    expect(driver.read('HOTTEST')).toEqual([]);
  });

  it('lets the output of one query flow into the next', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`${READINGS}
      CREATE STREAM hot AS SELECT * FROM readings WHERE temperature_f > 90;
      CREATE STREAM hot_in_celsius AS SELECT sensor_id, (temperature_f - 32) / 1.8 AS c FROM hot;`);
    driver.pipe('readings', { key: 's1', value: { city: 'Miami', temperature_f: 95 } });
    driver.pipe('readings', { key: 's1', value: { city: 'Miami', temperature_f: 70 } });
    expect(driver.read('HOT_IN_CELSIUS').map(({ value }) => value)).toEqual([{ C: 35 }]);
  });

  it('shows a query that was added later everything that is there', () => {
    const driver = new KsqlTestDriver();
    driver.execute(READINGS);
    driver.pipe('readings', { key: 's1', value: { city: 'Miami', temperature_f: 95 } });
    driver.execute('CREATE STREAM late AS SELECT sensor_id, city FROM readings;');
    expect(driver.read('LATE').map(({ key }) => key)).toEqual(['s1']);
  });

  it('takes the time from its clock', () => {
    const clock = new ManualClock(5_000);
    const driver = new KsqlTestDriver({ clock });
    driver.execute(`${READINGS} INSERT INTO readings (sensor_id, city) VALUES ('s1', 'Miami');`);
    clock.advance(10);
    driver.execute("INSERT INTO readings (sensor_id, city) VALUES ('s2', 'Miami');");
    expect(driver.read('readings').map(({ timestamp }) => timestamp)).toEqual([5_000, 5_010]);
  });

  it('tells of records that it could not read, and goes on', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`${READINGS} CREATE STREAM copy AS SELECT * FROM readings;`);
    driver.runInputs([
      { topic: 'readings', key: Buffer.from('s1'), value: Buffer.from('no JSON'), timestamp: 0, headers: [] },
      { topic: 'readings', key: Buffer.from('s2'), value: Buffer.from('{"CITY":"LA"}'), timestamp: 1, headers: [] },
    ]);
    expect(driver.topicRecords('COPY')).toHaveLength(1);
    expect(driver.log.map(({ type, target }) => [type, target])).toEqual([['DESERIALIZATION_ERROR', 'value']]);
  });

  it('takes a record as a program of others may have written it', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`CREATE TABLE people (id BIGINT PRIMARY KEY, city VARCHAR) WITH (KAFKA_TOPIC = 'people', FORMAT = 'JSON');
      CREATE TABLE copy AS SELECT * FROM people;`);
    for (const key of ['abc', '7', null])
      driver.pipeBytes('people', {
        key: key === null ? null : Buffer.from(key),
        value: Buffer.from('{"city":"LA"}'),
        timestamp: 5,
        headers: [],
      });
    expect(driver.read('COPY')).toEqual([{ key: 7, value: { CITY: 'LA' }, timestamp: 5 }]);
    expect(driver.log.map(({ type, target }) => [type, target])).toEqual([
      ['DESERIALIZATION_ERROR', 'key'],
      ['RECORD_PROCESSING_ERROR', 'key'],
    ]);
  });

  it("throws the engine's own errors", () => {
    const driver = new KsqlTestDriver();
    expect(() => driver.execute(`${READINGS} CREATE STREAM s AS SELECT nope FROM readings;`)).toThrow(
      KsqlStatementError,
    );
  });

  it('names the internal topics that a cluster would use', () => {
    const driver = new KsqlTestDriver();
    driver.execute(`${READINGS} CREATE TABLE n AS SELECT city, COUNT(*) AS n FROM readings GROUP BY city;`);
    expect(driver.internalTopics().map(({ name }) => name)).toEqual([
      '_confluent-ksql-some.ksql.service.idquery_CTAS_N_0-Aggregate-GroupBy-repartition',
      '_confluent-ksql-some.ksql.service.idquery_CTAS_N_0-Aggregate-Aggregate-Materialize-changelog',
    ]);
  });
});
