import { z } from 'zod';
import { NwsError } from './nws-error.js';
import { quantitySchema } from './quantity.js';

/** The parts of the service's answers that we read: lenient about what else is there, since keys come and go without notice. */

const wholeNumber = z
  .union([z.number(), z.string().regex(/^\d+$/)])
  .transform(Number)
  .pipe(z.int());

export const pointSchema = z.looseObject({
  properties: z.looseObject({
    // Old answers have no gridId; their cwa names the office, which is right but for a few places.
    gridId: z.string().nullish(),
    cwa: z.string().nullish(),
    gridX: wholeNumber,
    gridY: wholeNumber,
    forecastZone: z.string().nullish(),
    county: z.string().nullish(),
    fireWeatherZone: z.string().nullish(),
    timeZone: z.string().nullish(),
    type: z.string().nullish(),
  }),
});

export const stationsSchema = z.looseObject({
  features: z.array(
    z.looseObject({
      properties: z.looseObject({ stationIdentifier: z.string().min(1), name: z.string().nullish() }),
    }),
  ),
});

export const observationSchema = z.looseObject({
  properties: z.looseObject({
    station: z.string().nullish(),
    timestamp: z.iso.datetime({ offset: true }),
    textDescription: z.string().nullish(),
    rawMessage: z.string().nullish(),
    temperature: quantitySchema,
    relativeHumidity: quantitySchema,
    dewpoint: quantitySchema,
    windSpeed: quantitySchema,
    barometricPressure: quantitySchema,
    seaLevelPressure: quantitySchema,
  }),
});

export type PointAnswer = z.output<typeof pointSchema>;
export type StationsAnswer = z.output<typeof stationsSchema>;
export type ObservationAnswer = z.output<typeof observationSchema>;

/** @throws NwsError `unusable-answer`, telling which field is missing. */
export function readAnswer<Schema extends z.ZodType>(schema: Schema, body: unknown, what: string): z.output<Schema> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new NwsError(
    'unusable-answer',
    `The answer is no ${what}: ${issue?.path.join('.') || 'the body'}: ${issue?.message}`,
  );
}
