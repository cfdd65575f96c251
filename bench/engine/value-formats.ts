import avsc from 'avsc';
import protobuf from 'protobufjs';
import { RegistryContents, SchemaRegistryServer } from '@isobar/ksql-engine/testing';
import { jsonText, type ValueWriter } from './json-text.js';
import type { InputTopic } from './topologies.js';

/** In what form the values of the input topics stand, and those of the results. */
export type BenchFormat = 'json' | 'avro' | 'protobuf';
export const FORMATS: readonly BenchFormat[] = ['json', 'avro', 'protobuf'];

type FieldType = 'STRING' | 'DOUBLE' | 'INT' | 'BIGINT';

/** The value columns of each input topic. */
export const VALUE_COLUMNS: Readonly<Record<InputTopic, readonly (readonly [name: string, type: FieldType])[]>> = {
  readings: [
    ['city', 'STRING'],
    ['temperature', 'DOUBLE'],
    ['humidity', 'INT'],
    ['air_quality', 'INT'],
    ['battery', 'DOUBLE'],
    ['reading_time', 'BIGINT'],
    ['status', 'STRING'],
    ['note', 'STRING'],
  ],
  sensors: [
    ['city', 'STRING'],
    ['owner', 'STRING'],
    ['height', 'INT'],
  ],
  calibrations: [
    ['drift', 'DOUBLE'],
    ['calibrated_by', 'STRING'],
  ],
};

const AVRO_TYPES: Readonly<Record<FieldType, string>> = {
  STRING: 'string',
  DOUBLE: 'double',
  INT: 'int',
  BIGINT: 'long',
};
const PROTO_TYPES: Readonly<Record<FieldType, string>> = {
  STRING: 'string',
  DOUBLE: 'double',
  INT: 'int32',
  BIGINT: 'int64',
};

/**
 * Producers' libraries, not the engine's own codecs, write the input; their schemas are in a registry that the server under test
 * is given.
 */
export class BenchRegistry {
  private readonly server = new SchemaRegistryServer(new RegistryContents());

  start(): Promise<void> {
    return this.server.start();
  }
  stop(): Promise<void> {
    return this.server.stop();
  }
  get url(): string {
    return this.server.url;
  }

  /** Registers the schema of a topic's values and gives what writes them. */
  writer(format: BenchFormat, input: InputTopic, topic: string): ValueWriter {
    if (format === 'json') return jsonText;
    const columns = VALUE_COLUMNS[input];
    if (format === 'avro') {
      // As most producers declare their fields: each may be null.
      const fields = columns.map(([name, type]) => ({ name, type: ['null', AVRO_TYPES[type]], default: null }));
      const schema = { type: 'record' as const, name: `bench.${input}`, fields };
      const type = avsc.Type.forSchema(schema as avsc.Schema);
      const header = this.register(topic, 'AVRO', JSON.stringify(schema));
      return (value) => Buffer.concat([header, type.toBuffer(value)]);
    }
    const fields = columns.map(([name, type], i) => `  ${PROTO_TYPES[type]} ${name} = ${i + 1};`);
    const text = `syntax = "proto3";\nmessage Value {\n${fields.join('\n')}\n}\n`;
    const message = protobuf.parse(text, { keepCase: true }).root.lookupType('Value');
    const header = Buffer.concat([this.register(topic, 'PROTOBUF', text), Buffer.from([0])]);
    return (value) => Buffer.concat([header, message.encode(value).finish()]);
  }

  /** Magic byte and the id that the schema has. */
  private register(topic: string, type: 'AVRO' | 'PROTOBUF', text: string): Buffer {
    const { schema } = this.server.contents.register(`${topic}-value`, { type, text, references: [] });
    const header = Buffer.alloc(5);
    header.writeInt32BE(schema.id, 1);
    return header;
  }
}
