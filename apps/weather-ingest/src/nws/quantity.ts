import {
  celsius,
  celsiusToFahrenheit,
  fahrenheit,
  hectopascals,
  kilometersPerHour,
  kilometersPerHourToMilesPerHour,
  metersPerSecond,
  metersPerSecondToMilesPerHour,
  milesPerHour,
  pascalsToHectopascals,
  percent,
  roundTo,
  type FahrenheitDegrees,
  type Hectopascals,
  type MilesPerHour,
  type Percent,
} from '@isobar/contracts';
import { z } from 'zod';

/** `{unitCode, value, qualityControl?}`. Numbers have come as strings at times; units carry a prefix that changed over the years. */
export const quantitySchema = z
  .looseObject({
    unitCode: z.string().nullish(),
    value: z.union([z.number(), z.string()]).nullish(),
    qualityControl: z.string().nullish(),
  })
  .nullish();

export type Quantity = z.output<typeof quantitySchema>;

/** A value with its unit's converter, and the flag that quality control gave it. */
export interface Measured<Value extends number> {
  readonly value: Value | null;
  /** V verified, S screened, C coarse, G accepted by a person, Z not checked; X, Q and B are dropped with their value. */
  readonly quality: string | null;
}

const droppedQualities = new Set(['X', 'Q', 'B']);

type Converters<Value> = Readonly<Record<string, (value: number) => Value>>;

const temperatures: Converters<FahrenheitDegrees> = {
  degC: (value) => celsiusToFahrenheit(celsius(value)),
  degF: fahrenheit,
  K: (value) => celsiusToFahrenheit(celsius(value - 273.15)),
};
const speeds: Converters<MilesPerHour> = {
  'km_h-1': (value) => kilometersPerHourToMilesPerHour(kilometersPerHour(value)),
  'm_s-1': (value) => metersPerSecondToMilesPerHour(metersPerSecond(value)),
  'mi_h-1': milesPerHour,
};
const pressures: Converters<Hectopascals> = { Pa: pascalsToHectopascals, hPa: hectopascals };
const shares: Converters<Percent> = { percent };

const unitOf = (unitCode: string | null | undefined): string => unitCode?.split(':').at(-1) ?? '';

export const isKnownUnit = (unitCode: string): boolean =>
  [temperatures, speeds, pressures, shares].some((converters) => Object.hasOwn(converters, unitOf(unitCode)));

/** What no thermometer of a weather station shows; fill values of broken grids are far beyond. */
const plausible = {
  temperatureF: { min: -100, max: 140 },
  speedMph: { min: 0, max: 260 },
  pressureHpa: { min: 500, max: 1_100 },
  sharePct: { min: 0, max: 100.5 },
} as const;

export const temperatureF = (quantity: Quantity): Measured<FahrenheitDegrees> =>
  convert(quantity, temperatures, plausible.temperatureF);
export const speedMph = (quantity: Quantity): Measured<MilesPerHour> => convert(quantity, speeds, plausible.speedMph);
export const pressureHpa = (quantity: Quantity): Measured<Hectopascals> =>
  convert(quantity, pressures, plausible.pressureHpa);
export const sharePct = (quantity: Quantity): Measured<Percent> => {
  const share = convert(quantity, shares, plausible.sharePct);
  return share.value !== null && share.value > 100 ? { ...share, value: percent(100) } : share;
};

/** Null stays null; a value of an unknown unit, beyond what is plausible or rejected by quality control becomes null. */
function convert<Value extends number>(
  quantity: Quantity,
  converters: Converters<Value>,
  limits: { readonly min: number; readonly max: number },
): Measured<Value> {
  const quality = quantity?.qualityControl?.split(':').at(-1) ?? null;
  const number = toNumber(quantity?.value);
  const unit = unitOf(quantity?.unitCode);
  const converter = Object.hasOwn(converters, unit) ? converters[unit] : undefined;
  if (number === null || converter === undefined) return { value: null, quality };
  if (quality !== null && droppedQualities.has(quality)) return { value: null, quality };
  const value = roundTo(converter(number), 2);
  return { value: value >= limits.min && value <= limits.max ? value : null, quality };
}

function toNumber(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
