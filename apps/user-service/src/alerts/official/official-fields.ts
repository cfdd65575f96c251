import { z } from 'zod';
import { officialSeverities } from './official-store.js';

const from = z
  .enum([...officialSeverities, 'NONE'], { error: `must be one of ${[...officialSeverities, 'NONE'].join(', ')}` })
  .describe('the least severity that is told; NONE: no official warnings');

export const officialSettingsSchema = z.strictObject({ from });
export type OfficialSettings = z.output<typeof officialSettingsSchema>;

export const officialSchema = z.object({
  from,
  items: z
    .array(
      z.object({
        event: z.string(),
        severity: z.string(),
        cityKey: z.string(),
        headline: z.string().nullable(),
        startsAt: z.iso.datetime().nullable(),
        endsAt: z.iso.datetime().nullable(),
      }),
    )
    .describe("what holds in the person's cities now, whatever its severity"),
});
export type OfficialView = z.output<typeof officialSchema>;
