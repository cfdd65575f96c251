import { z } from 'zod';
import { NwsError } from './nws-error.js';
import { quantitySchema } from './quantity.js';

/** The parts of the service's answers that we read: lenient about what else is there, since keys come and go without notice. */

const wholeNumber = z
  .union([z.number(), z.string().regex(/^\d+$/)])
  .transform(Number)
  .pipe(z.int());

const time = z.iso.datetime({ offset: true });

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

const stationSchema = z.looseObject({ stationIdentifier: z.string().min(1), name: z.string().nullish() });

export const stationsSchema = z.looseObject({ features: z.array(z.looseObject({ properties: stationSchema })) });

export const singleStationSchema = z.looseObject({ properties: stationSchema });

export const observationSchema = z.looseObject({
  properties: z.looseObject({
    station: z.string().nullish(),
    timestamp: time,
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

export const observationListSchema = z.looseObject({ features: z.array(z.unknown()) });

/** Plain values of today, or the quantity objects that a feature flag (and one day the default) brings. */
const plainOrQuantity = z.union([z.number(), z.string(), quantitySchema]);

const periodSchema = z.looseObject({
  name: z.string().nullish(),
  startTime: time.nullish(),
  endTime: time.nullish(),
  isDaytime: z.boolean().nullish(),
  temperature: plainOrQuantity,
  temperatureUnit: z.string().nullish(),
  windSpeed: plainOrQuantity,
  windDirection: z.string().nullish(),
  relativeHumidity: quantitySchema,
  probabilityOfPrecipitation: quantitySchema,
  shortForecast: z.string().nullish(),
});

export const forecastSchema = z.looseObject({
  properties: z.looseObject({
    updateTime: time.nullish(),
    updated: time.nullish(),
    periods: z.array(periodSchema),
  }),
});

/** A series of the raw grid: values that hold from a start for a duration. */
const layerSchema = z
  .looseObject({
    uom: z.string().nullish(),
    values: z.array(z.looseObject({ validTime: z.string(), value: z.unknown() })),
  })
  .nullish();

export const rawGridSchema = z.looseObject({
  properties: z.looseObject({
    updateTime: time,
    temperature: layerSchema,
    relativeHumidity: layerSchema,
    windSpeed: layerSchema,
    probabilityOfPrecipitation: layerSchema,
  }),
});

const alertPropertiesSchema = z.looseObject({
  id: z.string().min(1),
  areaDesc: z.string().nullish(),
  affectedZones: z.array(z.string()).nullish(),
  geocode: z.looseObject({ UGC: z.array(z.string()).nullish() }).nullish(),
  references: z.array(z.looseObject({ identifier: z.string().nullish(), '@id': z.string().nullish() })).nullish(),
  sent: time,
  effective: time.nullish(),
  onset: time.nullish(),
  expires: time.nullish(),
  ends: time.nullish(),
  status: z.string().nullish(),
  messageType: z.string().nullish(),
  severity: z.string().nullish(),
  certainty: z.string().nullish(),
  urgency: z.string().nullish(),
  event: z.string().min(1),
  senderName: z.string().nullish(),
  headline: z.string().nullish(),
  description: z.string().nullish(),
  instruction: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
});

/** An answer without `features` is an error, never "no warnings". */
export const alertsSchema = z.looseObject({ features: z.array(z.looseObject({ properties: alertPropertiesSchema })) });

export type PointProperties = z.output<typeof pointSchema>['properties'];
export type ObservationAnswer = z.output<typeof observationSchema>;
export type ForecastPeriod = z.output<typeof periodSchema>;
export type ForecastAnswer = z.output<typeof forecastSchema>;
export type RawGridAnswer = z.output<typeof rawGridSchema>;
export type AlertProperties = z.output<typeof alertPropertiesSchema>;

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
