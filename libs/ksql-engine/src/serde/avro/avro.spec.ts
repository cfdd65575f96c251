import { describe, expect, it } from '@jest/globals';
import avsc from 'avsc';
import { SeededRandom } from '../../testing/seeded-random.js';
import { Decimal } from '../../types/decimal.js';
import * as t from '../../types/sql-type.js';
import { normalizeBigint, type SqlValue } from '../../types/sql-value.js';
import { nullVectors, rowAt } from '../../types/vector.js';
import { ByteWriter } from '../byte-writer.js';
import { signedBigint, signedBytes } from '../signed-bytes.js';
import { avroRecordReader } from './avro-decoder.js';
import { avroRecordWriter } from './avro-encoder.js';
import { parseAvroSchema, type AvroType } from './avro-schema.js';
import { avroSchemaText } from './avro-schema-text.js';

/** 64 bits as avsc is told to read and write them. */
const EXACT_LONG = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(value);
    return bytes;
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
});

const peerOf = (schema: unknown): avsc.Type =>
  avsc.Type.forSchema(schema as avsc.Schema, { registry: { long: EXACT_LONG } });

/** A type of both languages, with values of it in both. */
interface Sample {
  readonly schema: unknown;
  readonly type: t.SqlType;
  /** The same value as avsc and as SQL have it. */
  value(): readonly [peer: unknown, sql: SqlValue];
}

/** Random types up to a depth, whose writers may be wider or narrower than what SQL reads. */
class Samples {
  private names = 0;

  constructor(readonly random: SeededRandom) {}

  private pick<T>(items: readonly T[]): T {
    return this.random.pick(items);
  }

  private int(): number {
    return this.pick([0, 1, -1, 63, 64, -64, -65, 300, 2147483647, -2147483648]);
  }

  private long(): bigint {
    return this.pick([
      0n,
      -1n,
      1n << 32n,
      -(1n << 40n),
      (1n << 53n) + 1n,
      -(1n << 53n) - 3n,
      -(1n << 52n),
      (1n << 52n) - 1n,
      -(1n << 51n) - 1n,
      1n << 31n,
      (1n << 63n) - 1n,
      -(1n << 63n),
    ]);
  }

  private text(): string {
    return this.pick(['', 'a', 'grün €😀', 'x'.repeat(200), 'tab\t"']);
  }

  of(depth: number): Sample {
    const make = this.pick(depth > 0 ? [...this.scalars, ...this.nested, this.nullable] : this.scalars);
    return make(depth - 1);
  }

  private readonly scalars: readonly ((depth: number) => Sample)[] = [
    () => ({
      schema: 'boolean',
      type: t.BOOLEAN,
      value: () => (this.random.next() < 0.5 ? [true, true] : [false, false]),
    }),
    () => ({ schema: 'int', type: t.INTEGER, value: () => both(this.int()) }),
    () => ({ schema: 'int', type: t.BIGINT, value: () => both(this.int()) }),
    () => ({
      schema: 'long',
      type: t.BIGINT,
      value: () => {
        const value = this.long();
        return [value, normalizeBigint(value)];
      },
    }),
    () => ({ schema: 'double', type: t.DOUBLE, value: () => both(this.pick([0, -0.5, 1e300, 5e-324, Infinity])) }),
    () => ({ schema: 'float', type: t.DOUBLE, value: () => both(this.pick([0, -0.5, 1024.25])) }),
    () => ({ schema: 'string', type: t.STRING, value: () => both(this.text()) }),
    () => ({
      schema: 'bytes',
      type: t.BYTES,
      value: () => {
        const bytes = Buffer.from(this.text());
        return [bytes, new Uint8Array(bytes)];
      },
    }),
    () => ({
      schema: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 3 },
      type: t.decimalType(20, 3),
      value: () => {
        const unscaled = this.pick([0n, -1n, 127n, 128n, -129n, 12345678901234567890n]);
        return [signedBytes(unscaled), new Decimal(unscaled, 3)];
      },
    }),
    () => ({ schema: { type: 'int', logicalType: 'date' }, type: t.DATE, value: () => both(this.int()) }),
    () => {
      const name = `E${this.names++}`;
      return {
        schema: { type: 'enum', name, symbols: ['A', 'B', 'C'] },
        type: t.STRING,
        value: () => both(this.pick(['A', 'B', 'C'])),
      };
    },
    () => {
      const name = `F${this.names++}`;
      return {
        schema: { type: 'fixed', name, size: 3 },
        type: t.BYTES,
        value: () => [Buffer.from([1, 2, 255]), new Uint8Array([1, 2, 255])],
      };
    },
  ];

  private readonly nested: readonly ((depth: number) => Sample)[] = [
    (depth) => {
      const item = this.of(depth);
      return {
        schema: { type: 'array', items: item.schema },
        type: t.arrayType(item.type),
        value: () => unzip(this.times(() => item.value())),
      };
    },
    (depth) => {
      const item = this.of(depth);
      return {
        schema: { type: 'map', values: item.schema },
        type: t.mapType(t.STRING, item.type),
        value: () => {
          const entries = this.times((i) => [`k${i}`, item.value()] as const);
          return [
            Object.fromEntries(entries.map(([key, [peer]]) => [key, peer])),
            new Map(entries.map(([key, [, sql]]) => [key, sql])),
          ];
        },
      };
    },
    (depth) => this.record(depth),
  ];

  private readonly nullable = (depth: number): Sample => {
    let item = this.of(depth);
    while (Array.isArray(item.schema)) item = this.of(0);
    const isFirst = this.random.next() < 0.5;
    return {
      schema: isFirst ? ['null', item.schema] : [item.schema, 'null'],
      type: item.type,
      value: () => (this.random.next() < 0.3 ? [null, null] : item.value()),
    };
  };

  record(depth: number): Sample & { readonly type: t.StructType } {
    const fields = [...this.times(() => this.of(depth)), this.of(depth)];
    return {
      schema: {
        type: 'record',
        name: `R${this.names++}`,
        fields: fields.map(({ schema }, i) => ({ name: `f${i}`, type: schema })),
      },
      type: t.structType(fields.map(({ type }, i) => ({ name: `F${i}`, type }))),
      value: () => {
        const values = fields.map((field) => field.value());
        return [Object.fromEntries(values.map(([peer], i) => [`f${i}`, peer])), values.map(([, sql]) => sql)];
      },
    };
  }

  private times<T>(make: (i: number) => T): T[] {
    return Array.from({ length: this.random.below(4) }, (_, i) => make(i));
  }
}

const both = <T extends SqlValue>(value: T): readonly [unknown, SqlValue] => [value, value];
const unzip = (pairs: readonly (readonly [unknown, SqlValue])[]): readonly [unknown, SqlValue] => [
  pairs.map(([peer]) => peer),
  pairs.map(([, sql]) => sql),
];

function read(type: AvroType, columns: readonly t.StructField[], bytes: Buffer, needed?: readonly boolean[]): unknown {
  const vectors = nullVectors(columns.length, 1);
  const outcome = avroRecordReader(type, columns, false, needed).read(bytes, 0, bytes.length, vectors, 0);
  return outcome === true ? rowAt(vectors, 0) : outcome;
}

function write(type: AvroType, columns: readonly t.StructField[], row: readonly SqlValue[], isBare = false): Buffer {
  const writer = new ByteWriter();
  writer.begin();
  avroRecordWriter(type, columns, isBare).write(
    row.map((value) => [value]),
    0,
    writer,
  );
  return Buffer.from(writer.copy());
}

/** What avsc gives for records has classes of its own. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

describe('the Avro codec beside avsc', () => {
  it('reads what avsc wrote of random types, whichever columns are wanted', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const samples = new Samples(new SeededRandom(seed));
      const record = samples.record(3);
      const { fields } = record.type;
      const peer = peerOf(record.schema);
      const type = parseAvroSchema(JSON.stringify(record.schema));
      for (let i = 0; i < 4; i++) {
        const [value, row] = record.value();
        const bytes = peer.toBuffer(value);
        const needed = fields.map(() => samples.random.next() < 0.6);
        const wanted = (row as readonly SqlValue[]).map((item, at) => (needed[at] ? item : null));
        expect({ seed, row: read(type, fields, bytes) }).toEqual({ seed, row });
        expect({ seed, row: read(type, fields, bytes, needed) }).toEqual({ seed, row: wanted });
      }
    }
  });

  it('writes what avsc reads as the same', () => {
    for (let seed = 1; seed <= 150; seed++) {
      const record = new Samples(new SeededRandom(seed)).record(3);
      const peer = peerOf(record.schema);
      const type = parseAvroSchema(JSON.stringify(record.schema));
      for (let i = 0; i < 4; i++) {
        const [value, row] = record.value();
        const bytes = write(type, record.type.fields, row as readonly SqlValue[]);
        expect({ seed, value: plain(peer.fromBuffer(bytes)) }).toEqual({ seed, value: plain(value) });
      }
    }
  });

  it('gives a reason, and never a crash, for each way to cut and change bytes', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const samples = new Samples(new SeededRandom(seed));
      const record = samples.record(3);
      const type = parseAvroSchema(JSON.stringify(record.schema));
      const bytes = peerOf(record.schema).toBuffer(record.value()[0]);
      for (let cut = 0; cut < Math.min(bytes.length, 60); cut++) {
        expect(read(type, record.type.fields, bytes.subarray(0, cut))).toEqual(expect.stringMatching(/, path: \$/));
        const changed = Buffer.from(bytes);
        changed[cut] = samples.random.below(256);
        expect(['string', 'object']).toContain(typeof read(type, record.type.fields, changed));
      }
    }
  });

  it('registers schemas that avsc takes, and reads by them what was written', () => {
    const columns = [
      {
        name: 'A',
        type: t.structType([{ name: 'B', type: t.arrayType(t.structType([{ name: 'C', type: t.DATE }])) }]),
      },
      { name: 'M', type: t.mapType(t.STRING, t.mapType(t.STRING, t.decimalType(4, 2))) },
      { name: 'N', type: t.mapType(t.STRING, t.TIME) },
    ];
    const text = avroSchemaText(columns, false);
    const row = [[[[1], null]], new Map([['x', new Map([['y', new Decimal(150n, 2)]])]]), new Map([['z', 5]])];
    const type = parseAvroSchema(text);
    const bytes = write(type, columns, row);
    expect(peerOf(JSON.parse(text)).isValid(peerOf(JSON.parse(text)).fromBuffer(bytes))).toBe(true);
    expect(read(type, columns, bytes)).toEqual(row);
  });
});

const schemaOf = (...fields: readonly (readonly [name: string, type: unknown, fallback?: unknown])[]): AvroType =>
  parseAvroSchema(
    JSON.stringify({
      type: 'record',
      name: 'R',
      fields: fields.map(([name, type, fallback]) => ({ name, type, default: fallback })),
    }),
  );
const column = (name: string, type: t.SqlType): t.StructField => ({ name, type });

describe('reading Avro by the columns of a source', () => {
  it('takes fields in any case, the exact name before another', () => {
    const type = schemaOf(['c1', 'int'], ['C1', 'int']);
    const bytes = Buffer.from([2, 4]);
    expect(read(type, [column('C1', t.INTEGER)], bytes)).toEqual([2]);
    expect(read(type, [column('c1', t.INTEGER)], bytes)).toEqual([1]);
    expect(
      read(schemaOf(['Temp', 'int']), [column('TEMP', t.INTEGER), column('GONE', t.STRING)], Buffer.from([2])),
    ).toEqual([1, null]);
  });

  it('fills two columns from one field', () => {
    const columns = [column('a', t.INTEGER), column('A', t.STRING)];
    expect(read(schemaOf(['A', 'int'], ['B', 'int']), columns, Buffer.from([2, 4]))).toEqual([1, '1']);
  });

  it('converts scalars to wider types and to text, and nothing else', () => {
    const one = Buffer.from([2]);
    const of = (schema: unknown, type: t.SqlType, bytes = one): unknown =>
      read(schemaOf(['A', schema]), [column('A', type)], bytes);
    expect(of('int', t.DOUBLE)).toEqual([1]);
    expect(of('long', t.decimalType(3, 1))).toEqual([new Decimal(10n, 1)]);
    expect(of('boolean', t.STRING, Buffer.from([1]))).toEqual(['true']);
    expect(of({ type: 'int', logicalType: 'date' }, t.STRING)).toEqual(['1970-01-02']);
    expect(of({ type: 'long', logicalType: 'timestamp-micros' }, t.TIMESTAMP, Buffer.from([0xa0, 0x1f]))).toEqual([2]);
    expect(of({ type: 'array', items: 'int' }, t.arrayType(t.STRING), Buffer.from([2, 2, 0]))).toEqual([['1']]);
    expect(of('long', t.INTEGER)).toBe('Cannot convert the Avro type long to INTEGER, path: $.A');
    expect(of('string', t.BOOLEAN)).toBe('Cannot convert the Avro type string to BOOLEAN, path: $.A');
    expect(of(['null', 'string'], t.BOOLEAN, Buffer.from([0]))).toEqual([null]);
    expect(
      of(
        { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 },
        t.decimalType(2, 2),
        Buffer.from([4, 1, 0]),
      ),
    ).toEqual(expect.stringContaining('path: $.A'));
  });

  it('reads arrays of entries as maps, and unions of several types as one of them or as fields', () => {
    const entries = {
      type: 'array',
      items: {
        type: 'record',
        name: 'E',
        fields: [
          { name: 'key', type: 'string' },
          { name: 'value', type: 'int' },
        ],
      },
    };
    expect(
      read(schemaOf(['M', entries]), [column('M', t.mapType(t.STRING, t.INTEGER))], Buffer.from([2, 2, 0x61, 2, 0])),
    ).toEqual([new Map([['a', 1]])]);
    const union = ['null', 'int', 'string'];
    const asText = (bytes: number[]): unknown =>
      read(schemaOf(['U', union]), [column('U', t.STRING)], Buffer.from(bytes));
    expect(asText([2, 2])).toEqual(['1']);
    expect(asText([4, 2, 0x61])).toEqual(['a']);
    const members = t.structType([column('INT', t.INTEGER), column('STRING', t.STRING)]);
    const asMembers = (bytes: number[]): unknown =>
      read(schemaOf(['U', union]), [column('U', members)], Buffer.from(bytes));
    expect(asMembers([4, 2, 0x61])).toEqual([[null, 'a']]);
    expect(asMembers([0])).toEqual([null]);
    expect(write(schemaOf(['U', union]), [column('U', members)], [[null, 'a']])).toEqual(Buffer.from([4, 2, 0x61]));
  });

  it('steps over blocks that tell their size, and over what contains itself', () => {
    const list = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] };
    const type = schemaOf(['X', { type: 'array', items: 'string' }], ['L', list], ['A', 'int']);
    const columns = [column('A', t.INTEGER)];
    const sized = Buffer.from([1, 4, 2, 0x61, 0, 2, 2, 0, 2]);
    expect(read(type, columns, sized)).toEqual([1]);
    expect(read(type, [column('X', t.arrayType(t.STRING))], sized)).toEqual([['a']]);
    expect(read(type, columns, Buffer.from([0, ...Array<number>(3).fill(2), 0, 2]))).toEqual([1]);
    expect(read(type, columns, Buffer.from([0, ...Array<number>(1000).fill(2), 0, 2]))).toBe(
      'Avro data has records more than 200 deep, path: $.L',
    );
  });

  it('refuses counts and lengths that no bytes are there for at once', () => {
    const huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
    for (const schema of [
      { type: 'array', items: 'null' },
      { type: 'array', items: 'int' },
      { type: 'array', items: { type: 'record', name: 'Empty', fields: [] } },
      { type: 'map', values: 'null' },
      'string',
      'bytes',
    ]) {
      for (const columns of [[column('A', t.arrayType(t.INTEGER))], [column('B', t.INTEGER)]]) {
        expect(read(schemaOf(['A', schema], ['B', 'int']), columns, Buffer.from([...huge, 2]))).toEqual(
          expect.stringContaining('path: $.A'),
        );
      }
    }
    expect(read(schemaOf(['A', 'string']), [column('A', t.STRING)], Buffer.from([1]))).toContain('negative length');
    expect(read(schemaOf(['A', 'long']), [column('A', t.BIGINT)], Buffer.alloc(20, 0xff))).toContain(
      'more than 10 bytes',
    );
    expect(
      read(schemaOf(['A', 'int']), [column('A', t.INTEGER)], Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x1f])),
    ).toContain('no int');
    expect(read(schemaOf(['A', 'string']), [column('A', t.STRING)], Buffer.from([2, 0xff]))).toContain('not UTF-8');
  });
});

describe('hostile Avro', () => {
  it('has no more items without bytes than one block may, however many blocks and arrays there are', () => {
    // Blocks of 10,000 nulls, and the end.
    const blocks = (count: number): Buffer =>
      Buffer.concat([...Array.from({ length: count }, () => Buffer.from([0xa0, 0x9c, 1])), Buffer.from([0])]);
    const nulls = { type: 'array', items: 'null' };
    const columns = [column('A', t.arrayType(t.INTEGER))];
    expect(read(schemaOf(['A', nulls]), columns, blocks(1))).toEqual([Array<null>(10_000).fill(null)]);
    const tooMany = 'a block of 10000 items at byte';
    expect(read(schemaOf(['A', nulls]), columns, blocks(2))).toContain(tooMany);
    expect(read(schemaOf(['B', nulls]), columns, blocks(2))).toContain(tooMany);
    const twice = schemaOf(['A', nulls], ['B', nulls]);
    expect(read(twice, columns, Buffer.concat([blocks(1), blocks(1)]))).toContain(tooMany);
  });

  it.each([
    ['fields with defaults', (inner: unknown): unknown => inner],
    ['branches that are tried', (inner: unknown): unknown => [inner, 'null']],
  ])('has no default that doubles with every level: %s', (_what, wrapped) => {
    let inner: unknown = { type: 'record', name: 'L0', fields: [{ name: 'x', type: 'int', default: 0 }] };
    for (let level = 1; level <= 40; level++) {
      const again = wrapped(`L${level - 1}`);
      const fields = [
        { name: 'a', type: wrapped(inner), default: {} },
        { name: 'b', type: again, default: {} },
      ];
      inner = { type: 'record', name: `L${level}`, fields };
    }
    expect(() => write(schemaOf(['A', inner, {}]), [], [])).toThrow('a default of the schema has more than 100000');
  });

  it('is parsed in a time that grows with its fields', () => {
    const fields = Array.from({ length: 100_000 }, (_, i) => ({ name: `f${i}`, type: 'int' }));
    const startedAt = performance.now();
    const type = parseAvroSchema(JSON.stringify({ type: 'record', name: 'R', fields }));
    expect(type.kind === 'record' && type.fields.length).toBe(100_000);
    // It takes a tenth of a second; half a minute where each field is compared with each other.
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('writing Avro with a schema that was given', () => {
  it('fills what no column has with its default or null, and fails where there is neither', () => {
    const columns = [column('A', t.INTEGER)];
    const type = schemaOf(
      ['A', 'int'],
      ['B', 'int', 100],
      ['C', ['null', 'int']],
      ['D', { type: 'array', items: 'string' }, ['x']],
    );
    expect([...write(type, columns, [1])]).toEqual([2, 0xc8, 1, 0, 2, 2, 0x78, 0]);
    expect(() => write(schemaOf(['A', 'int'], ['B', 'int']), columns, [1])).toThrow(
      "the field 'B' is required by the schema and has no default, but no column fills it, path: $.B",
    );
    expect(() => write(schemaOf(['A', 'int']), columns, [null])).toThrow(
      'NULL where the schema requires a value of the type int, path: $.A',
    );
  });

  it('fits values into narrower types exactly, or fails', () => {
    const fixed = { type: 'fixed', name: 'D', size: 4, logicalType: 'decimal', precision: 6, scale: 2 };
    const decimal = [column('A', t.decimalType(4, 1))];
    expect([...write(schemaOf(['A', fixed]), decimal, [new Decimal(-15n, 1)])]).toEqual([0xff, 0xff, 0xff, 0x6a]);
    const wide = [column('A', t.BIGINT)];
    expect([...write(schemaOf(['A', 'int']), wide, [-1])]).toEqual([1]);
    expect(() => write(schemaOf(['A', 'int']), wide, [2147483648])).toThrow(
      '2147483648 does not fit the Avro type int',
    );
    const suit = { type: 'enum', name: 'Suit', symbols: ['HEARTS'] };
    expect(() => write(schemaOf(['A', suit]), [column('A', t.STRING)], ['SPADES'])).toThrow(
      "'SPADES' is no symbol of the enum Suit",
    );
    expect(() => write(schemaOf(['A', 'string']), wide, [1])).toThrow('cannot write BIGINT as the Avro type string');
  });

  it('writes both kinds of maps as the schema wants them', () => {
    const columns = [column('M', t.mapType(t.STRING, t.INTEGER))];
    const row = [new Map([['a', 1]])];
    expect([...write(schemaOf(['M', { type: 'map', values: 'int' }]), columns, row)]).toEqual([2, 2, 0x61, 2, 0]);
    const entry = {
      type: 'record',
      name: 'test',
      fields: [
        { name: 'key', type: ['null', 'string'] },
        { name: 'value', type: 'int' },
      ],
    };
    expect([...write(schemaOf(['M', { type: 'array', items: entry }]), columns, row)]).toEqual([2, 2, 2, 0x61, 2, 0]);
  });
});

describe('schemas', () => {
  it.each([
    ['{', 'not JSON'],
    ['{"type":"record","name":"A"}', 'no list of fields'],
    ['{"type":"record","name":"A","fields":[{"name":"a","type":"B"}]}', '"B", which it does not define'],
    ['["int","int"]', 'branch int twice'],
    ['{"type":"enum","name":"E","symbols":[]}', 'no list of symbols'],
    ['{"type":"fixed","name":"F","size":-1}', 'no size'],
    [`${'['.repeat(500)}"int"${']'.repeat(500)}`, 'more than 200 deep'],
    ['{"type":"record","name":"a b","fields":[]}', 'no name of an Avro type'],
  ])('refuses a schema: %#', (text, reason) => {
    expect(() => parseAvroSchema(text)).toThrow(reason);
  });

  it('finds names in their namespace, by alias and in what is imported', () => {
    const imported = {
      name: 'com.acme.Event',
      text: '{"type":"record","name":"com.acme.Event","aliases":["Old"],"fields":[{"name":"at","type":"long"}]}',
    };
    const type = parseAvroSchema(
      '{"type":"record","name":"R","namespace":"com.acme","fields":[{"name":"e","type":"Event"},{"name":"o","type":"com.acme.Old"}]}',
      [imported],
    );
    expect(type).toMatchObject({
      fields: [{ type: { name: 'com.acme.Event' } }, { type: { name: 'com.acme.Event' } }],
    });
  });

  it('keeps whole numbers of defaults beyond 2^53', () => {
    const type = parseAvroSchema(
      '{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9223372036854775807}]}',
    );
    expect(signedBigint(Buffer.from('7fffffffffffffff', 'hex'))).toBe(9223372036854775807n);
    expect([...write(type, [], [])]).toEqual([0xfe, ...Array<number>(8).fill(0xff), 1]);
  });
});
