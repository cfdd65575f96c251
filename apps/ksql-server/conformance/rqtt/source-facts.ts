import type { Column } from '../../../../libs/ksql-engine/src/catalog/schema.js';
import type { SqlType } from '@isobar/ksql-engine';
import type { ServerProcess } from '../../src/testing/server-process.js';

/** What the bytes of a topic look like, as the server describes the source on it. */
export interface SourceFacts {
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly isWindowed: boolean;
  readonly key: readonly Column[];
  readonly value: readonly Column[];
}

interface DescribedType {
  readonly type: SqlType['kind'];
  readonly fields: readonly { readonly name: string; readonly schema: DescribedType }[] | null;
  readonly memberSchema: DescribedType | null;
  readonly parameters?: { readonly precision: number; readonly scale: number };
}

interface Described {
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly windowType: string | null;
  readonly fields: readonly {
    readonly name: string;
    readonly type?: string;
    readonly schema: DescribedType;
  }[];
}

export async function describeSources(server: ServerProcess): Promise<readonly SourceFacts[]> {
  const entities = await server.ksql('SHOW STREAMS EXTENDED; SHOW TABLES EXTENDED;');
  return entities.flatMap((entity) => (entity['sourceDescriptions'] as readonly Described[]).map(facts));
}

function facts(described: Described): SourceFacts {
  const columns = (isKey: boolean): Column[] =>
    described.fields
      .filter((field) => field.type !== 'HEADER' && (field.type === 'KEY') === isKey)
      .map(({ name, schema }) => ({ name, type: typeOf(schema) }));
  const { topic, keyFormat, valueFormat, windowType } = described;
  return { topic, keyFormat, valueFormat, isWindowed: windowType !== null, key: columns(true), value: columns(false) };
}

/** Of a MAP the answers name only the type of the values. */
function typeOf({ type, fields, memberSchema, parameters }: DescribedType): SqlType {
  if (type === 'DECIMAL') return { kind: type, precision: parameters?.precision ?? 0, scale: parameters?.scale ?? 0 };
  if (type === 'STRUCT') {
    return { kind: type, fields: (fields ?? []).map(({ name, schema }) => ({ name, type: typeOf(schema) })) };
  }
  if (type === 'ARRAY' && memberSchema) return { kind: type, element: typeOf(memberSchema) };
  if (type === 'MAP' && memberSchema) return { kind: type, key: { kind: 'STRING' }, value: typeOf(memberSchema) };
  return { kind: type } as SqlType;
}
