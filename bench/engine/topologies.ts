/** One query of the benchmark; the peer program knows it by `name` and reads and writes the same topics. */
export interface BenchTopology {
  readonly name: string;
  readonly title: string;
  /** Input topics by the name that the peer uses. */
  readonly inputs: readonly InputTopic[];
  readonly isTable: boolean;
  readonly select: string;
  /** Least acceptable ratio of records per CPU-second, ours to the peer's. */
  readonly target: number;
}

export type InputTopic = 'readings' | 'sensors' | 'calibrations';

export const topologies: readonly BenchTopology[] = [
  {
    name: 'filter',
    title: 'filter, project 2 of 8',
    inputs: ['readings'],
    isTable: false,
    select: 'SELECT sensor_id, city, temperature FROM readings WHERE air_quality > 50',
    target: 1.5,
  },
  {
    name: 'aggregate',
    title: 'COUNT, SUM by 100 k keys',
    inputs: ['readings'],
    isTable: true,
    select: 'SELECT sensor_id, COUNT(*) AS readings, SUM(air_quality) AS total FROM readings GROUP BY sensor_id',
    target: 1,
  },
  {
    name: 'window',
    title: 'tumbling COUNT, SUM',
    inputs: ['readings'],
    isTable: true,
    select: `SELECT sensor_id, COUNT(*) AS readings, SUM(air_quality) AS total FROM readings
      WINDOW TUMBLING (SIZE 5 MINUTES, GRACE PERIOD 1 MINUTE) GROUP BY sensor_id`,
    target: 1,
  },
  {
    name: 'stream-table',
    title: 'stream-table join',
    inputs: ['readings', 'sensors'],
    isTable: false,
    select: `SELECT r.sensor_id AS sensor_id, r.temperature AS temperature, s.owner AS owner
      FROM readings r JOIN sensors s ON r.sensor_id = s.sensor_id`,
    target: 1,
  },
  {
    name: 'stream-stream',
    title: 'stream-stream join, 10 s',
    inputs: ['readings', 'calibrations'],
    isTable: false,
    select: `SELECT r.sensor_id AS sensor_id, r.temperature AS temperature, c.drift AS drift
      FROM readings r JOIN calibrations c WITHIN 10 SECONDS GRACE PERIOD 1 MINUTE ON r.sensor_id = c.sensor_id`,
    target: 1,
  },
];

const columns: Readonly<Record<InputTopic, string>> = {
  readings: `STREAM readings (sensor_id STRING KEY, city STRING, temperature DOUBLE, humidity INT, air_quality INT,
    battery DOUBLE, reading_time BIGINT, status STRING, note STRING)`,
  sensors: 'TABLE sensors (sensor_id STRING PRIMARY KEY, city STRING, owner STRING, height INT)',
  calibrations: 'STREAM calibrations (sensor_id STRING KEY, drift DOUBLE, calibrated_by STRING)',
};

/** Declares the inputs of a topology; `topicOf` gives their topics. */
export const sourceStatements = ({ inputs }: BenchTopology, topicOf: (input: InputTopic) => string): string =>
  inputs
    .map(
      (input) =>
        `CREATE ${columns[input]} WITH (kafka_topic='${topicOf(input)}', key_format='KAFKA', value_format='JSON');`,
    )
    .join('\n');

export const sinkStatement = ({ isTable, select }: BenchTopology, topic: string): string =>
  `CREATE ${isTable ? 'TABLE' : 'STREAM'} result WITH (kafka_topic='${topic}', key_format='KAFKA', value_format='JSON', partitions=4)
    AS ${select} EMIT CHANGES;`;
