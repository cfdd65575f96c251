/**
 * Units as types: a plain number says nothing, so a Fahrenheit value cannot be handed over where Celsius is meant.
 * A number gets its unit once, where it enters (`fahrenheit(72)`), and is converted by name.
 */
declare const unit: unique symbol;
type Measured<Unit extends string> = number & { readonly [unit]: Unit };

export type FahrenheitDegrees = Measured<'degF'>;
export type CelsiusDegrees = Measured<'degC'>;
export type MilesPerHour = Measured<'mph'>;
export type KilometersPerHour = Measured<'km/h'>;
export type MetersPerSecond = Measured<'m/s'>;
export type Hectopascals = Measured<'hPa'>;
export type Percent = Measured<'%'>;
export type MicrogramsPerCubicMeter = Measured<'ug/m3'>;
/** The air quality index of the US Environmental Protection Agency: a whole number, 0 to 500 and beyond. */
export type AirQualityIndex = Measured<'AQI'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Measured<'epoch ms'>;

export const fahrenheit = (value: number): FahrenheitDegrees => value as FahrenheitDegrees;
export const celsius = (value: number): CelsiusDegrees => value as CelsiusDegrees;
export const milesPerHour = (value: number): MilesPerHour => value as MilesPerHour;
export const kilometersPerHour = (value: number): KilometersPerHour => value as KilometersPerHour;
export const metersPerSecond = (value: number): MetersPerSecond => value as MetersPerSecond;
export const hectopascals = (value: number): Hectopascals => value as Hectopascals;
export const percent = (value: number): Percent => value as Percent;
export const microgramsPerCubicMeter = (value: number): MicrogramsPerCubicMeter => value as MicrogramsPerCubicMeter;
export const airQualityIndex = (value: number): AirQualityIndex => value as AirQualityIndex;
export const epochMs = (value: number): EpochMs => value as EpochMs;

export const celsiusToFahrenheit = (value: CelsiusDegrees): FahrenheitDegrees => fahrenheit((value * 9) / 5 + 32);
export const kilometersPerHourToMilesPerHour = (value: KilometersPerHour): MilesPerHour =>
  milesPerHour(value / 1.609344);
export const metersPerSecondToMilesPerHour = (value: MetersPerSecond): MilesPerHour => milesPerHour(value / 0.44704);
export const pascalsToHectopascals = (pascals: number): Hectopascals => hectopascals(pascals / 100);

/** Drops digits that no instrument has, and with them the noise of floating point. */
export function roundTo<Value extends number>(value: Value, decimals: number): Value {
  const factor = 10 ** decimals;
  return (Math.round(value * factor) / factor) as Value;
}
