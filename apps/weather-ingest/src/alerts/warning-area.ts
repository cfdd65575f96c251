import booleanPointInPolygon from '@turf/boolean-point-in-polygon';
import { z } from 'zod';

/**
 * Whether a drawn area covers a point. Storm warnings draw a polygon and name whole counties besides; the polygon is what they are
 * for. An area that is no valid polygon tells nothing, and then the named zones have to do.
 *
 * All longitudes are counted from the point, so that areas across the date line need no care; the edge counts as inside, and so does
 * a kilometre around it, since offices draw with two decimals.
 */
export type AreaVerdict = 'inside' | 'outside' | { readonly invalid: string };

interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}
type Position = readonly [number, number];
type Ring = readonly Position[];

const position = z.tuple([z.number().min(-360).max(360), z.number().min(-90).max(90)], z.unknown());
const polygon = z.array(z.array(position)).min(1);
const areaSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('Polygon'), coordinates: polygon }),
  z.looseObject({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon).min(1) }),
]);

/** Beyond this a look for crossings takes longer than it is worth; storms are drawn with twenty. */
const positionsMax = 2_000;
const bufferKm = 1;
const kmPerDegree = 111.2;

/** @returns undefined where no area is drawn */
export function coverage(geometry: unknown, point: GeoPoint): AreaVerdict | undefined {
  if (geometry === null || geometry === undefined) return undefined;
  const area = areaSchema.safeParse(geometry);
  if (!area.success) return { invalid: 'no polygon' };
  const polygons = (area.data.type === 'Polygon' ? [area.data.coordinates] : area.data.coordinates).map((rings) =>
    rings.map((ring) => ring.map(([longitude, latitude]): Position => [from(point.longitude, longitude), latitude])),
  );
  const invalid = polygons
    .flat()
    .map(troubleOf)
    .find((trouble) => trouble !== undefined);
  if (invalid !== undefined) return { invalid };
  return polygons.some((rings) => covers(rings, point.latitude)) ? 'inside' : 'outside';
}

/** Degrees east of a meridian, -180 to 180. */
const from = (meridian: number, longitude: number): number =>
  ((((longitude - meridian + 180) % 360) + 360) % 360) - 180;

function covers(rings: readonly Ring[], latitude: number): boolean {
  // An area that reaches around the other side of the earth is not here.
  if (rings.some((ring) => edgesOf(ring).some(([a, b]) => Math.abs(a[0] - b[0]) > 180))) return false;
  const coordinates = rings.map((ring) => ring.map(([x, y]) => [x, y]));
  return (
    booleanPointInPolygon([0, latitude], { type: 'Polygon', coordinates }) ||
    rings.some((ring) => edgesOf(ring).some((edge) => distanceKm(edge, latitude) <= bufferKm))
  );
}

/** Why a ring bounds no area. */
function troubleOf(ring: Ring): string | undefined {
  if (ring.length < 4) return 'too few points';
  if (ring.length > positionsMax) return 'too many points';
  const [first, last] = [ring[0], ring.at(-1)];
  if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) return 'not closed';
  if (Math.abs(doubleArea(ring)) < 1e-9) return 'no area';
  return crossesItself(ring) ? 'crosses itself' : undefined;
}

const edgesOf = (ring: Ring): readonly (readonly [Position, Position])[] =>
  ring.slice(1).flatMap((end, index) => {
    const start = ring[index];
    // Offices repeat points: an edge without length bounds nothing.
    return start === undefined || (start[0] === end[0] && start[1] === end[1]) ? [] : [[start, end] as const];
  });

/** The shoelace formula. */
const doubleArea = (ring: Ring): number =>
  edgesOf(ring).reduce((sum, [[ax, ay], [bx, by]]) => sum + ax * by - bx * ay, 0);

/** Two edges that do not follow each other and have inner points in common. */
function crossesItself(ring: Ring): boolean {
  const edges = edgesOf(ring);
  return edges.some(([a, b], index) =>
    edges
      .slice(index + 2)
      .some(([c, d]) => sideOf(a, b, c) * sideOf(a, b, d) < 0 && sideOf(c, d, a) * sideOf(c, d, b) < 0),
  );
}

const sideOf = (a: Position, b: Position, c: Position): number =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

/** From the point, which has longitude 0 here, to an edge; on a plane, which is good to a percent at such distances. */
function distanceKm([a, b]: readonly [Position, Position], latitude: number): number {
  const scaleX = kmPerDegree * Math.cos((latitude * Math.PI) / 180);
  const [ax, ay] = [a[0] * scaleX, (a[1] - latitude) * kmPerDegree];
  const [bx, by] = [b[0] * scaleX, (b[1] - latitude) * kmPerDegree];
  const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = Math.min(1, Math.max(0, -(ax * (bx - ax) + ay * (by - ay)) / length2));
  return Math.hypot(ax + share * (bx - ax), ay + share * (by - ay));
}
