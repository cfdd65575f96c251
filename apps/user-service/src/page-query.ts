import { z } from 'zod';

/** Of every list that is ordered by id. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
  cursor: z.coerce
    .number()
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('nextCursor of the page before'),
});
export type PageQuery = z.output<typeof pageQuerySchema>;
