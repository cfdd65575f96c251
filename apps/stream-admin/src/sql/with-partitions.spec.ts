import { parsePipelineObject } from '@isobar/pipeline';
import { expect, it } from '@jest/globals';
import { withPartitions } from './with-partitions.js';

const put = (sql: string): string | undefined => withPartitions(parsePipelineObject('a.sql', sql), 6);

it.each([
  [
    "-- WITH (\nCREATE TABLE t WITH (KAFKA_TOPIC = 't') AS\n  SELECT a FROM s;",
    "-- WITH (\nCREATE TABLE t WITH (PARTITIONS = 6, KAFKA_TOPIC = 't') AS\n  SELECT a FROM s;",
  ],
  ['CREATE STREAM t AS SELECT a AS b FROM s;', 'CREATE STREAM t WITH (PARTITIONS = 6) AS SELECT a AS b FROM s;'],
  [
    "create table t with\n(\n  kafka_topic='t')\nas select a from s;",
    "create table t with\n(\n  PARTITIONS = 6, kafka_topic='t')\nas select a from s;",
  ],
])('gives the result of %j a number of partitions, on the same lines', (sql, expected) => {
  expect(put(sql)).toBe(expected);
});

it('leaves alone the number that a file gives', () => {
  expect(put("CREATE STREAM t WITH (kafka_topic = 't', partitions = 2) AS SELECT a FROM s;")).toBeUndefined();
});
