import { z } from 'zod';

/** The settings under the names that the Java client has made known. */
const producerSettingsSchema = z.strictObject({
  /** Bytes of one topic partition's records before they are sent at once. 1: each record by itself. */
  'batch.size': z.coerce.number().int().min(1).max(16_777_216).default(65_536),
  /** How long a record waits for company, in milliseconds. */
  'linger.ms': z.coerce.number().int().min(0).max(60_000).default(5),
  'compression.type': z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('lz4'),
  /** `all` (also `-1`): every replica in sync has it; `1`: the leader has it; `0`: nobody was asked. */
  acks: z.enum(['all', '-1', '1', '0']).default('all'),
  /** How long records wait for a topic that does not exist before they are refused, in milliseconds. */
  'max.block.ms': z.coerce.number().int().min(0).max(86_400_000).default(60_000),
  /** Bytes that may wait while the broker is away; beyond, new records are refused. */
  'buffer.memory': z.coerce.number().int().min(1_024).max(4_294_967_296).default(33_554_432),
});

export type ProducerSettings = z.output<typeof producerSettingsSchema>;

/** A setting that cannot be used; the message names each. */
export class ProducerSettingsError extends Error {
  override readonly name = 'ProducerSettingsError';
  readonly code = 'PRODUCER_SETTINGS_INVALID';
}

/**
 * Reads `batch.size=65536,linger.ms=5,compression.type=lz4,acks=all`; what is not named keeps its default.
 *
 * @throws ProducerSettingsError naming every wrong setting.
 */
export function parseProducerSettings(text: string): ProducerSettings {
  const pairs = text
    .split(/[,\n]/)
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '');
  const unreadable = pairs.filter((pair) => !/^[a-z.]+\s*=/.test(pair));
  if (unreadable.length > 0)
    throw new ProducerSettingsError(`"${unreadable.join(', ')}" is not of the form name=value (such as linger.ms=5)`);
  const given = Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()];
    }),
  );
  const result = producerSettingsSchema.safeParse(given);
  if (result.success) return result.data;
  throw new ProducerSettingsError(
    result.error.issues
      .map((issue) =>
        issue.code === 'unrecognized_keys'
          ? `unknown: ${issue.keys.join(', ')} (known: ${Object.keys(producerSettingsSchema.shape).join(', ')})`
          : `${issue.path.join('.')}: ${issue.message}`,
      )
      .join('; '),
  );
}
