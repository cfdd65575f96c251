import type { StoredDeadLetter } from '@isobar/kafka';
import { z } from 'zod';

const bytesSchema = z
  .object({
    text: z.string().nullable().describe('null where the bytes are no UTF-8'),
    base64: z.string(),
  })
  .nullable();

export const summarySchema = z.object({
  id: z.string().describe('topic:partition:offset of the record as it was'),
  topic: z.string(),
  partition: z.number(),
  offset: z.string(),
  service: z.string().describe('who set it aside'),
  reason: z.string(),
  recordedAt: z.iso.datetime().describe("the record's own time"),
  setAsideAt: z.iso.datetime(),
  key: z.string().nullable(),
  valueBytes: z.number(),
  replayed: z.boolean(),
});
export type DeadLetterSummary = z.output<typeof summarySchema>;

export const detailSchema = summarySchema.extend({
  key: bytesSchema,
  value: bytesSchema,
  headers: z.array(z.object({ name: z.string(), text: z.string().nullable(), base64: z.string() })),
  stack: z.string(),
});
export type DeadLetterDetail = z.output<typeof detailSchema>;

export const toSummary = (letter: StoredDeadLetter): DeadLetterSummary => ({
  id: letter.id,
  topic: letter.topic,
  partition: letter.partition,
  offset: letter.offset,
  service: letter.service,
  reason: letter.reason,
  recordedAt: new Date(letter.timestampMs).toISOString(),
  setAsideAt: new Date(letter.at).toISOString(),
  key: letter.key === null ? null : (textOf(letter.key) ?? letter.key.toString('base64')),
  valueBytes: letter.value?.length ?? 0,
  replayed: letter.isReplayed,
});

export const toDetail = (letter: StoredDeadLetter): DeadLetterDetail => ({
  ...toSummary(letter),
  key: bytesView(letter.key),
  value: bytesView(letter.value),
  headers: Object.entries(letter.headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => {
      const bytes = Buffer.from(one);
      return { name, text: textOf(bytes), base64: bytes.toString('base64') };
    }),
  ),
  stack: letter.stack,
});

const bytesView = (bytes: Buffer | null) =>
  bytes === null ? null : { text: textOf(bytes), base64: bytes.toString('base64') };

const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}
