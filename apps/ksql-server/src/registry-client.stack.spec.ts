import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { KafkaBroker } from '@isobar/ksql-engine/kafka';
import { registryMissing, startTestStack, stretchedMs, until, type TestStack } from '@isobar/local-stack/testing';
import { ServerProcess } from './testing/server-process.js';

const missing = await registryMissing();

/** What the client writes with, in each language of schemas. Names in upper case: those of columns in SQL without quotes. */
const schemas = {
  AVRO: `{"type": "record", "name": "Reading", "namespace": "example", "fields": [
    {"name": "CITY", "type": "string"}, {"name": "CELSIUS", "type": ["null", "double"], "default": null}]}`,
  JSON_SR: `{"type": "object", "title": "Reading", "properties": {
    "CITY": {"type": "string"}, "CELSIUS": {"oneOf": [{"type": "null"}, {"type": "number"}]}}}`,
  PROTOBUF: 'syntax = "proto3"; package example; message Reading { string CITY = 1; double CELSIUS = 2; }',
} as const;
type Format = keyof typeof schemas;
const languages = { AVRO: SchemaType.AVRO, JSON_SR: SchemaType.JSON, PROTOBUF: SchemaType.PROTOBUF } as const;

/**
 * The client leaves out which message of the text a PROTOBUF record is, and skips zeros when it reads: that of a first message is one zero,
 * between the id and the payload.
 */
const framed = (format: Format, value: Buffer): Buffer =>
  format === 'PROTOBUF' ? Buffer.concat([value.subarray(0, 5), Buffer.of(0), value.subarray(5)]) : value;

if (missing !== undefined) {
  describe('a client of schema registries from npm', () => {
    it.skip(missing, () => undefined);
  });
} else
  describe('a client of schema registries from npm', () => {
    let stack: TestStack;
    let broker: KafkaBroker;
    let server: ServerProcess;
    let client: SchemaRegistry;

    beforeAll(async () => {
      stack = await startTestStack({ parts: ['kafka', 'postgres', 'registry'] });
      broker = new KafkaBroker({ bootstrap: [stack.kafkaBrokers], clientId: 'spec' });
      server = await ServerProcess.start({
        KAFKA_BROKERS: stack.kafkaBrokers,
        SCHEMA_REGISTRY_URL: stack.registryUrl,
        KSQL_KSQL_STREAMS_AUTO_OFFSET_RESET: 'earliest',
      });
      // The client takes JSON schemas of its own making alone, unless it is told otherwise: ours order their fields as Connect's do.
      client = new SchemaRegistry({ host: stack.registryUrl }, { [SchemaType.JSON]: { strict: false } });
    }, 120_000);
    afterAll(async () => {
      await server?.end('SIGTERM');
      await broker?.close();
      await stack?.stop();
    }, 60_000);

    /** The values of a topic's one partition, when there are so many. */
    async function values(topic: string, count: number): Promise<Buffer[]> {
      const found: Buffer[] = [];
      await until(`${topic} to exist`, stretchedMs(20_000), async () => (await broker.bounds(topic)).length > 0);
      const reader = await broker.openReader([{ topic, partition: 0, offset: 0 }]);
      await until(`${topic} to hold ${count} records`, stretchedMs(20_000), async () => {
        for (const { records } of await reader.poll(100))
          found.push(...[...records].map(({ value }) => Buffer.from(value ?? [])));
        return found.length >= count;
      }).finally(() => reader.close());
      return found;
    }

    it.each(Object.keys(schemas) as Format[])(
      'writes %s that a query reads, and reads what the query writes',
      async (format) => {
        const [source, sink] = [`readings_${format}`, `WARM_${format}`];
        await broker.createTopics([{ topic: source, partitions: 1, replicas: 1, config: {} }]);
        const { id } = await client.register(
          { type: languages[format], schema: schemas[format] },
          { subject: `${source}-value` },
        );
        const write = async (CITY: string, CELSIUS: number): Promise<void> => {
          const value = framed(format, await client.encode(id, { CITY, CELSIUS }));
          await broker.write([{ topic: source, key: null, value, timestamp: Date.now(), headers: [] }]);
        };
        await write('oslo', -3.5);
        await write('miami', 31.25);
        // Its columns are those of the schema that the client has registered.
        await server.ksql(
          `CREATE STREAM s_${format} WITH (KAFKA_TOPIC='${source}', VALUE_FORMAT='${format}');
           CREATE STREAM ${sink} AS SELECT CITY, CELSIUS * 2 AS DOUBLED FROM s_${format} WHERE CELSIUS > 0;`,
        );
        await write('Ålesund ☃', 0.5);
        const decoded = await Promise.all((await values(sink, 2)).map((value) => client.decode(value)));
        expect(decoded.map((value) => ({ ...value }))).toEqual([
          { CITY: 'miami', DOUBLED: 62.5 },
          { CITY: 'Ålesund ☃', DOUBLED: 1 },
        ]);
      },
      60_000,
    );
  });
