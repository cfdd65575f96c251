import {
  SchemaNotFoundError,
  SchemaRegistryError,
  type ParsedStatement,
  type SchemaRegistry,
  type Statement,
} from '@isobar/ksql-engine';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, ASSERT_FAILED } from '../http/responses.js';

type AssertSchema = Extract<Statement, { readonly kind: 'assertSchema' }>;

const TIMEOUT_MS = 1_000;
const PAUSE_MS = 100;

/** ASSERT [NOT EXISTS] SCHEMA: waits until it is so. @throws ApiError 41700 when it is not in time, or nobody can say */
export async function assertSchema(
  { subject, id, exists, timeoutMs = TIMEOUT_MS }: AssertSchema,
  { text }: ParsedStatement,
  registry: SchemaRegistry | undefined,
) {
  if (registry === undefined) {
    throw new ApiError(
      ASSERT_FAILED,
      'Cannot check schema existence: KSQL is not configured to use a schema registry. To enable it, please set ksql.schema.registry.url',
    );
  }
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const isThere = await isRegistered(registry, subject, id).catch((error: unknown) => {
      if (!(error instanceof SchemaRegistryError)) throw error;
      return error;
    });
    if (isThere === exists) return { '@type': 'assert_schema', statementText: text, subject, id, exists };
    if (performance.now() >= deadline) {
      if (isThere instanceof Error)
        throw new ApiError(ASSERT_FAILED, `Cannot check schema existence: ${isThere.message}`);
      const what = [subject === undefined ? '' : ` subject name ${subject}`, id === undefined ? '' : ` id ${id}`];
      throw new ApiError(ASSERT_FAILED, `Schema with${what.join('')} ${exists ? 'does not exist' : 'exists'}`);
    }
    await delay(Math.min(PAUSE_MS, Math.max(1, deadline - performance.now())));
  }
}

async function isRegistered(
  registry: SchemaRegistry,
  subject: string | undefined,
  id: number | undefined,
): Promise<boolean> {
  try {
    if (id === undefined) return subject === undefined || (await registry.subjects()).includes(subject);
    const { type, text, imports } = await registry.byId(id);
    return subject === undefined || (await registry.lookup(subject, { type, text, references: imports })) === id;
  } catch (error) {
    if (error instanceof SchemaNotFoundError) return false;
    throw error;
  }
}
