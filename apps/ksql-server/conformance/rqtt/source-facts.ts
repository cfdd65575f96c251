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

interface Described {
  readonly topic: string;
  readonly keyFormat: string;
  readonly valueFormat: string;
  readonly windowType: string | null;
  readonly fields: readonly {
    readonly name: string;
    readonly type?: string;
    readonly schema: { readonly type: string };
  }[];
}

export async function describeSources(server: ServerProcess): Promise<readonly SourceFacts[]> {
  const entities = await server.ksql('SHOW STREAMS EXTENDED; SHOW TABLES EXTENDED;');
  return entities.flatMap((entity) => (entity['sourceDescriptions'] as readonly Described[]).map(facts));
}

/** Only the kind of a column matters for the bytes of a case. */
function facts(described: Described): SourceFacts {
  const columns = (isKey: boolean): Column[] =>
    described.fields
      .filter((field) => (field.type === 'KEY') === isKey)
      .map(({ name, schema }) => ({ name, type: { kind: schema.type } as SqlType }) as Column);
  const { topic, keyFormat, valueFormat, windowType } = described;
  return { topic, keyFormat, valueFormat, isWindowed: windowType !== null, key: columns(true), value: columns(false) };
}
