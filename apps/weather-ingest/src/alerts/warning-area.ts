import booleanPointInPolygon from '@turf/boolean-point-in-polygon';
import { z } from 'zod';

/**
 * Whether a drawn area covers a point. Storm warnings draw a polygon and name whole counties besides; the polygon is what they are
 * for. An area that is no valid polygon tells nothing, and then the named zones have to do.
 *
 * An area is read and judged once, by `AreaReader`, and looked at for each city, which is linear in its points. Reading looks for
 * edges that cross, in the worst case every edge against every other; so what one area and what one list may cost is bounded.
 *
 * All longitudes are counted from a point, so that areas across the date line need no care; the edge counts as inside, and so does
 * a kilometre around it, since offices draw with two decimals.
 */
export type DrawnArea = { readonly polygons: readonly (readonly Ring[])[] } | { readonly invalid: string };

interface GeoPoint {
  readonly latitude: number;
  readonly longitude: number;
}
type Position = readonly [number, number];
type Ring = readonly Position[];
type Edge = readonly [Position, Position];

const position = z.tuple([z.number().min(-360).max(360), z.number().min(-90).max(90)], z.unknown());
const polygon = z.array(z.array(position)).min(1);
const areaSchema = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('Polygon'), coordinates: polygon }),
  z.looseObject({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon).min(1) }),
]);

/** Numbers and arrays of one area: two thousand positions with heights. Storms are drawn with twenty. */
const elementsMax = 8_000;
/** Edges of one area that are held against each other. */
const edgePairsMax = 100_000;
/** What the areas of one list may cost, in pairs of edges: some tenths of a second. Five hundred storms cost a third of it. */
const listCostMax = 1_500_000;
/** Checking one element of the coordinates takes as long as so many pairs of edges. */
const elementCost = 10;
const bufferKm = 1;
const kmPerDegree = 111.2;

/** Reads the areas of one list of warnings, which share a budget. */
export class AreaReader {
  private costLeft = listCostMax;

  /** @returns undefined where no area is drawn */
  read(geometry: unknown): DrawnArea | undefined {
    if (geometry === null || geometry === undefined) return undefined;
    const elements = elementsIn((geometry as { coordinates?: unknown }).coordinates);
    if (elements > elementsMax) return { invalid: 'too many points' };
    if (this.costLeft <= 0) return { invalid: 'too many areas in one list' };
    this.costLeft -= elements * elementCost;
    const area = areaSchema.safeParse(geometry);
    if (!area.success) return { invalid: 'no polygon' };
    const polygons = area.data.type === 'Polygon' ? [area.data.coordinates] : area.data.coordinates;
    const pairs = { left: edgePairsMax };
    const invalid = polygons
      .flat()
      .map((ring) =>
        troubleOf(
          ring.map(([longitude, latitude]): Position => [longitude, latitude]),
          pairs,
        ),
      )
      .find((trouble) => trouble !== undefined);
    this.costLeft -= edgePairsMax - pairs.left;
    if (invalid !== undefined) return { invalid };
    return { polygons: polygons.map((rings) => rings.map((ring) => ring.map(([x, y]): Position => [x, y]))) };
  }
}

/** Whether a valid area covers a point. */
export function covers({ polygons }: Exclude<DrawnArea, { invalid: string }>, point: GeoPoint): boolean {
  return polygons.some((rings) =>
    coversFromHere(
      rings.map((ring) => seenFrom(point.longitude, ring)),
      point.latitude,
    ),
  );
}

/** How much there is in nested arrays, as deep as those of an area are; it stops soon after there is too much. */
function elementsIn(coordinates: unknown, depth = 4): number {
  if (!Array.isArray(coordinates) || depth === 0) return 0;
  let elements = coordinates.length;
  for (const part of coordinates as readonly unknown[]) {
    if (elements > elementsMax) break;
    elements += elementsIn(part, depth - 1);
  }
  return elements;
}

const seenFrom = (meridian: number, ring: Ring): Ring =>
  ring.map(([longitude, latitude]): Position => [from(meridian, longitude), latitude]);

/** Degrees east of a meridian, -180 to 180. */
const from = (meridian: number, longitude: number): number =>
  ((((longitude - meridian + 180) % 360) + 360) % 360) - 180;

function coversFromHere(rings: readonly Ring[], latitude: number): boolean {
  // An area that reaches around the other side of the earth is not here.
  if (rings.some((ring) => edgesOf(ring).some(([a, b]) => Math.abs(a[0] - b[0]) > 180))) return false;
  const coordinates = rings.map((ring) => ring.map(([x, y]) => [x, y]));
  return (
    booleanPointInPolygon([0, latitude], { type: 'Polygon', coordinates }) ||
    rings.some((ring) => edgesOf(ring).some((edge) => distanceKm(edge, latitude) <= bufferKm))
  );
}

/**
 * Why a ring bounds no area.
 *
 * @param pairs how many pairs of edges may still be looked at
 */
function troubleOf(drawn: Ring, pairs: { left: number }): string | undefined {
  if (drawn.length < 4) return 'too few points';
  const ring = seenFrom(drawn[0]?.[0] ?? 0, drawn);
  const [first, last] = [ring[0], ring.at(-1)];
  if (first?.[0] !== last?.[0] || first?.[1] !== last?.[1]) return 'not closed';
  if (Math.abs(doubleArea(ring)) < 1e-9) return 'no area';
  return crossing(ring, pairs);
}

const edgesOf = (ring: Ring): readonly Edge[] =>
  ring.slice(1).flatMap((end, index) => {
    const start = ring[index];
    // Offices repeat points: an edge without length bounds nothing.
    return start === undefined || (start[0] === end[0] && start[1] === end[1]) ? [] : [[start, end] as const];
  });

/** The shoelace formula. */
const doubleArea = (ring: Ring): number =>
  edgesOf(ring).reduce((sum, [[ax, ay], [bx, by]]) => sum + ax * by - bx * ay, 0);

/**
 * Whether two edges have inner points in common. They are looked at from west to east, each against those that begin before it ends:
 * few in what an office draws, all of them in the worst case. Edges that follow each other share an end, which is no inner point.
 */
function crossing(ring: Ring, pairs: { left: number }): string | undefined {
  const edges = edgesOf(ring)
    .map(([a, b]): Edge => (a[0] <= b[0] ? [a, b] : [b, a]))
    .sort(([a], [b]) => a[0] - b[0]);
  for (const [index, [a, b]] of edges.entries())
    for (let next = index + 1; next < edges.length; next += 1) {
      const [c, d] = edges[next] as Edge;
      if (c[0] > b[0]) break;
      pairs.left -= 1;
      if (pairs.left < 0) return 'too many points';
      if (sideOf(a, b, c) * sideOf(a, b, d) < 0 && sideOf(c, d, a) * sideOf(c, d, b) < 0) return 'crosses itself';
    }
  return undefined;
}

const sideOf = (a: Position, b: Position, c: Position): number =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

/** From the point, which has longitude 0 here, to an edge; on a plane, which is good to a percent at such distances. */
function distanceKm([a, b]: Edge, latitude: number): number {
  const scaleX = kmPerDegree * Math.cos((latitude * Math.PI) / 180);
  const [ax, ay] = [a[0] * scaleX, (a[1] - latitude) * kmPerDegree];
  const [bx, by] = [b[0] * scaleX, (b[1] - latitude) * kmPerDegree];
  const length2 = (bx - ax) ** 2 + (by - ay) ** 2;
  const share = Math.min(1, Math.max(0, -(ax * (bx - ax) + ay * (by - ay)) / length2));
  return Math.hypot(ax + share * (bx - ax), ay + share * (by - ay));
}
