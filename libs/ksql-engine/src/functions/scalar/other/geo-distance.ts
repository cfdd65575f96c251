import { DOUBLE, STRING } from '../../../types/sql-type.js';
import type { ScalarArgument } from '../../function.js';
import { param, scalarFunction } from '../../signature.js';

const EARTH_RADIUS_KM = 6371;
const EARTH_RADIUS_MILES = 3959;
const RADIANS_PER_DEGREE = 0.017453292519943295;

const MILES: ReadonlySet<string> = new Set(['mi', 'mile', 'miles']);
const KILOMETRES: ReadonlySet<string> = new Set(['km', 'kilometer', 'kilometers', 'kilometre', 'kilometres']);

function earthRadius(units: string): number {
  const word = units.trim().toLowerCase();
  if (word === '') return EARTH_RADIUS_KM;
  if (MILES.has(word)) return EARTH_RADIUS_MILES;
  if (KILOMETRES.has(word)) return EARTH_RADIUS_KM;
  throw new Error(`unknown unit of distance '${units}': use one of ${[...MILES, ...KILOMETRES].join(', ')}`);
}

/** Haversine. */
function distance(lat1: number, lon1: number, lat2: number, lon2: number, radius: number): number {
  for (const latitude of [lat1, lat2]) {
    if (!(Math.abs(latitude) <= 90)) throw new Error(`a latitude goes from -90 to 90 degrees, got ${latitude}`);
  }
  for (const longitude of [lon1, lon2]) {
    if (!(Math.abs(longitude) <= 180)) throw new Error(`a longitude goes from -180 to 180 degrees, got ${longitude}`);
  }
  const deltaLat = (lat2 - lat1) * RADIANS_PER_DEGREE;
  const deltaLon = (lon2 - lon1) * RADIANS_PER_DEGREE;
  const a =
    Math.sin(deltaLat / 2) ** 2 +
    Math.sin(deltaLon / 2) ** 2 * Math.cos(lat1 * RADIANS_PER_DEGREE) * Math.cos(lat2 * RADIANS_PER_DEGREE);
  return radius * 2 * Math.asin(Math.sqrt(a));
}

const places = [param('lat1', DOUBLE), param('lon1', DOUBLE), param('lat2', DOUBLE), param('lon2', DOUBLE)];
const between = (args: readonly ScalarArgument[], radius: number) =>
  distance(args[0] as number, args[1] as number, args[2] as number, args[3] as number, radius);

export const geoDistance = scalarFunction(
  'GEO_DISTANCE',
  'OTHER',
  'The great-circle distance of two places given in degrees, in kilometres or miles.',
  [
    {
      parameters: [...places, param('units', STRING)],
      returns: DOUBLE,
      nullOnNull: false,
      bind: () => (args) => {
        if (args.slice(0, 4).includes(null)) return null;
        return between(args, args[4] === null ? EARTH_RADIUS_KM : earthRadius(args[4] as string));
      },
    },
    { parameters: places, returns: DOUBLE, bind: () => (args) => between(args, EARTH_RADIUS_KM) },
  ],
);
