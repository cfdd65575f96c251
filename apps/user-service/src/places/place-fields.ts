import { isVisibleText, visibleTextError } from '@isobar/contracts';
import { z } from 'zod';

const fields = {
  name: z
    .string({ error: 'must be given' })
    .trim()
    .min(1, { error: 'must not be empty' })
    .max(60)
    .refine(isVisibleText, visibleTextError),
  cityKey: z
    .string({ error: 'must be given' })
    .min(1, { error: 'must be the id of a city, such as chicago-il' })
    .max(120)
    .refine(isVisibleText, visibleTextError),
};

export const newPlaceSchema = z.strictObject(fields);
export type NewPlace = z.output<typeof newPlaceSchema>;

export const placeChangeSchema = z
  .strictObject(fields)
  .partial()
  .refine((change) => Object.keys(change).length > 0, { error: 'must change something' });
export type PlaceChange = z.output<typeof placeChangeSchema>;

export const placeSchema = z.object({ id: z.int(), name: z.string(), cityKey: z.string() });
export type PlaceView = z.output<typeof placeSchema>;

export const placePageSchema = z.object({
  home: z.object({ cityKey: z.string() }).describe('where the person lives; changed by PATCH /users/{id}'),
  items: z.array(placeSchema),
  nextCursor: z.int().nullable(),
});
