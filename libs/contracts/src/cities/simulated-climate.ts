import {
  fahrenheit,
  hectopascals,
  milesPerHour,
  percent,
  type FahrenheitDegrees,
  type Hectopascals,
  type MilesPerHour,
  type Percent,
} from '../units.js';

/**
 * A plausible atmosphere for any place and time, the same for everybody who asks with the same seed: simulated sensors and simulated
 * weather of a city agree as real ones would. It is a simulation and must be labelled so.
 *
 * Temperature = mean of the latitude + season + time of day + slow changes of weather over days.
 */
export interface Atmosphere {
  readonly temperatureF: FahrenheitDegrees;
  readonly humidityPct: Percent;
  readonly pressureHpa: Hectopascals;
  readonly windMph: MilesPerHour;
  /** 0 clear to 1 overcast. */
  readonly cloudCover: number;
}

interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const yearMs = 365.2425 * dayMs;
/** The warmest day in the north, counted from the start of the year. */
const warmestDay = 201;
/** The warmest hour of a day by the sun. */
const warmestHour = 15;

export function simulatedAtmosphere(place: Place, timeMs: number, seed: number): Atmosphere {
  const key = `${place.latitude},${place.longitude}`;
  const cloudCover = 0.5 + 0.5 * smoothNoise(`${seed}:${key}:clouds`, timeMs, 9 * hourMs);
  const front = smoothNoise(`${seed}:${key}:front`, timeMs, 36 * hourMs);
  const day = dayWave(place.longitude, timeMs);
  const dayAmplitudeF = 9 * (1 - 0.6 * cloudCover);

  const temperatureF =
    yearMeanF(place.latitude) +
    yearAmplitudeF(place) * yearWave(place.latitude, timeMs) +
    dayAmplitudeF * day +
    6 * front;
  const humidityPct =
    58 + 18 * (cloudCover - 0.5) - 14 * day + 6 * smoothNoise(`${seed}:${key}:damp`, timeMs, 5 * hourMs);
  return {
    temperatureF: fahrenheit(temperatureF),
    humidityPct: percent(Math.min(100, Math.max(8, humidityPct))),
    pressureHpa: hectopascals(1_015 + 9 * smoothNoise(`${seed}:${key}:pressure`, timeMs, 30 * hourMs)),
    windMph: milesPerHour(Math.max(0, 7 + 6 * smoothNoise(`${seed}:${key}:wind`, timeMs, 3 * hourMs))),
    cloudCover,
  };
}

/** Fits the yearly means of cities from Miami to Anchorage within some degrees. */
const yearMeanF = (latitude: number): number => 77 - 1.45 * (Math.abs(latitude) - 25.8);

/** The Pacific keeps its coast even; inland and in the east the seasons differ more the farther north. */
const yearAmplitudeF = ({ latitude, longitude }: Place): number =>
  longitude < -115 ? 6 : Math.max(4, 4 + 1.2 * (Math.abs(latitude) - 25.8));

function yearWave(latitude: number, timeMs: number): number {
  const dayOfYear = (timeMs % yearMs) / dayMs;
  const wave = Math.cos((2 * Math.PI * (dayOfYear - warmestDay)) / 365.2425);
  return latitude < 0 ? -wave : wave;
}

function dayWave(longitude: number, timeMs: number): number {
  const solarHour = ((timeMs / hourMs + longitude / 15) % 24) + 24;
  return Math.cos((2 * Math.PI * (solarHour - warmestHour)) / 24);
}

/** A smooth random curve between -1 and 1 that depends on nothing but its name and the time. */
export function smoothNoise(name: string, timeMs: number, periodMs: number): number {
  const position = timeMs / periodMs;
  const index = Math.floor(position);
  const fraction = position - index;
  const eased = fraction * fraction * (3 - 2 * fraction);
  return noiseAt(name, index) * (1 - eased) + noiseAt(name, index + 1) * eased;
}

/**
 * A random number between -1 and 1 that depends on nothing but a name and a whole number: FNV-1a over the name, then the finalizer
 * of MurmurHash3 over both halves of the number.
 */
export function noiseAt(name: string, index: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  hash = mix(hash ^ mix(index | 0));
  hash = mix(hash ^ mix(Math.floor(index / 2 ** 32) | 0));
  return hash / 2 ** 31;
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
