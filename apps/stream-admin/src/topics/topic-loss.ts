import { z } from 'zod';

export const topicLossSchema = z.object({
  noticedAt: z.iso.datetime(),
  what: z
    .enum(['deleted', 'replaced', 'cut', 'state'])
    .describe(
      'deleted: it was gone; replaced: another program than this service made one of its name; cut: records were deleted from it; state: the query that writes it lost what it had computed or read, in its own words',
    ),
  records: z
    .number()
    .nullable()
    .describe('at most so many were lost: markers of transactions count; null when nobody had counted them'),
  madeAgainAt: z.iso.datetime().nullable(),
  consequence: z.string().describe('what becomes of it now'),
  acknowledgedAt: z.iso
    .datetime()
    .nullable()
    .describe('when somebody said that it is known; it is no news from then on'),
});
export type TopicLoss = z.output<typeof topicLossSchema>;

/** One sentence for people. */
export function describeLoss(topic: string, { what, noticedAt, records, madeAgainAt, consequence }: TopicLoss): string {
  const when = `at ${noticedAt.slice(0, 19)}Z`;
  const history =
    records === null
      ? 'its history is gone'
      : `up to ${records} ${records === 1 ? 'record' : 'records'} of history are gone`;
  if (what === 'state') return `${consequence} (seen ${when})`;
  if (what === 'cut')
    return `topic ${topic}: ${records === null ? 'some' : `up to ${records}`} records were deleted from it ${when}; ${consequence}`;
  const happened =
    what === 'deleted'
      ? `was deleted (seen ${when})`
      : `was deleted and made again by another program than stream-admin (seen ${when})`;
  const made = what !== 'deleted' ? '' : madeAgainAt === null ? '; it is being made again' : '; it was made again';
  return `topic ${topic} ${happened}, ${history}${made}; ${consequence}`;
}
