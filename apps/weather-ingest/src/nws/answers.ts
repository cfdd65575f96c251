import { z } from 'zod';
import { NwsError } from './nws-error.js';
import { isKnownUnit, quantitySchema } from './quantity.js';

/** The parts of the service's answers that we read: lenient about what else is there, since keys come and go without notice. */

/** What is there but is not what we read is as good as absent; whatever stands beside it goes on. */
const lenient = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined);

const wholeNumber = z
  .union([z.number(), z.string().regex(/^\d{1,6}$/)])
  .transform(Number)
  .pipe(z.int().min(0));

/** Fill values of broken records lie before it; nothing that the service says of now does. */
const earliestMs = Date.UTC(2000, 0, 1);

const time = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) >= earliestMs, { error: 'must be a time after the year 2000' });

export const pointSchema = z.looseObject({
  properties: z.looseObject({
    // Old answers have no gridId; their cwa names the office, which is right but for a few places.
    gridId: lenient(z.string().regex(/^[A-Z0-9]{2,5}$/)),
    cwa: lenient(z.string().regex(/^[A-Z0-9]{2,5}$/)),
    gridX: lenient(wholeNumber),
    gridY: lenient(wholeNumber),
    forecastZone: lenient(z.string()),
    county: lenient(z.string()),
    fireWeatherZone: lenient(z.string()),
    timeZone: lenient(z.string()),
    type: lenient(z.string()),
  }),
});

/** The id goes into an address. */
const stationSchema = z.looseObject({ stationIdentifier: z.string().regex(/^[A-Za-z0-9]{2,16}$/) });

export const stationsSchema = z.looseObject({ features: z.array(z.unknown()) });

export const singleStationSchema = z.looseObject({ properties: stationSchema });

export const observationSchema = z.looseObject({
  properties: z.looseObject({
    station: lenient(z.string()),
    timestamp: time,
    textDescription: lenient(z.string()),
    temperature: lenient(quantitySchema),
    relativeHumidity: lenient(quantitySchema),
    dewpoint: lenient(quantitySchema),
    windSpeed: lenient(quantitySchema),
    barometricPressure: lenient(quantitySchema),
    seaLevelPressure: lenient(quantitySchema),
  }),
});

export const observationListSchema = z.looseObject({ features: z.array(z.unknown()) });

/** Plain values of today, or the quantity objects that a feature flag (and one day the default) brings. */
const plainOrQuantity = z.union([z.number(), z.string(), quantitySchema]);

export const periodSchema = z.looseObject({
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
    generatedAt: lenient(time),
    periods: z.array(z.unknown()),
  }),
});

/** A value of the raw grid that holds from a start for a duration. */
export const gridValueSchema = z.looseObject({ validTime: z.string(), value: z.union([z.number(), z.string()]) });

const layerSchema = lenient(z.looseObject({ uom: lenient(z.string()), values: z.array(z.unknown()) }));

export const rawGridSchema = z.looseObject({
  properties: z.looseObject({
    updateTime: time,
    generatedAt: lenient(time),
    temperature: layerSchema,
    relativeHumidity: layerSchema,
    windSpeed: layerSchema,
    probabilityOfPrecipitation: layerSchema,
  }),
});

/** VTEC stamps of 1969 occur: they say nothing, and are no reason to refuse a warning. */
const anyTime = z.iso.datetime({ offset: true });

const alertPropertiesSchema = z.looseObject({
  id: z.string().min(1),
  areaDesc: z.string().nullish(),
  affectedZones: z.array(z.string()).nullish(),
  geocode: z.looseObject({ UGC: z.array(z.string()).nullish() }).nullish(),
  references: z
    .array(
      z.looseObject({
        identifier: z.string().nullish(),
        '@id': z.string().nullish(),
        sent: lenient(z.iso.datetime({ offset: true })),
      }),
    )
    .nullish(),
  sent: time,
  effective: time.nullish(),
  onset: anyTime.nullish(),
  expires: anyTime.nullish(),
  ends: anyTime.nullish(),
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
export const alertsSchema = z.looseObject({
  features: z.array(z.unknown()),
  pagination: lenient(z.looseObject({ next: lenient(z.string()) })),
});

/** One warning with the area that it is for, where that is drawn. */
export const alertSchema = z.looseObject({ properties: alertPropertiesSchema, geometry: z.unknown().optional() });

export type PointProperties = z.output<typeof pointSchema>['properties'];
export type ObservationAnswer = z.output<typeof observationSchema>;
export type ForecastPeriod = z.output<typeof periodSchema>;
export type AlertMessage = z.output<typeof alertSchema>;
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

/** Reads a list element by element: an odd one is reported, with a reason that is the same for its kind, and left out. */
export function readEach<Schema extends z.ZodType>(
  schema: Schema,
  elements: readonly unknown[],
  onOdd: (reason: string, detail: string) => void,
): z.output<Schema>[] {
  return elements.flatMap((element, index) => {
    const result = schema.safeParse(element);
    if (result.success) return [result.data];
    const issue = result.error.issues[0];
    const path = (issue?.path ?? []).filter((part) => typeof part === 'string' && part !== 'properties');
    onOdd(`odd ${path.join('.') || 'element'}`, `${nameOf(element) ?? `element ${index}`}: ${issue?.message}`);
    return [];
  });
}

/** An id, where there is one: without it nobody finds the element again. */
function nameOf(element: unknown): string | undefined {
  const properties = z.looseObject({ properties: z.looseObject({ id: z.string() }) }).safeParse(element);
  return properties.success ? properties.data.properties.id.slice(0, 200) : undefined;
}

const quantities = [
  'temperature',
  'relativeHumidity',
  'dewpoint',
  'windSpeed',
  'barometricPressure',
  'seaLevelPressure',
] as const;

/** The values of an observation that are there and cannot be read; each of them alone is null. */
export function oddValues(body: unknown): readonly string[] {
  const raw = z.looseObject({ properties: z.looseObject({}) }).safeParse(body);
  if (!raw.success) return [];
  const { properties } = raw.data;
  return quantities.flatMap((name) => {
    const quantity = quantitySchema.safeParse(properties[name]);
    if (!quantity.success) return [`odd ${name}`];
    const { unitCode, value } = quantity.data ?? {};
    const isSaid = value !== null && value !== undefined && unitCode !== null && unitCode !== undefined;
    return isSaid && !isKnownUnit(unitCode) ? [`unknown unit of ${name}`] : [];
  });
}
