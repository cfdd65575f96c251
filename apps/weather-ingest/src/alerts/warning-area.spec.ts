import { describe, expect, it } from '@jest/globals';
import { AreaReader, covers } from './warning-area.js';

type Verdict = 'inside' | 'outside' | { readonly invalid: string } | undefined;
const coverage = (
  geometry: unknown,
  point: { latitude: number; longitude: number },
  reader = new AreaReader(),
): Verdict => {
  const area = reader.read(geometry);
  if (area === undefined || 'invalid' in area) return area;
  return covers(area, point) ? 'inside' : 'outside';
};
/** What this process has worked since: a machine that has no time for it makes nothing dearer. */
const cpuMsSince = (before: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
};
const austin = { latitude: 30.2672, longitude: -97.7431 };
/** A box of degrees around a point, closed. */
const box = (longitude: number, latitude: number, half: number): number[][] => [
  [longitude - half, latitude - half],
  [longitude + half, latitude - half],
  [longitude + half, latitude + half],
  [longitude - half, latitude + half],
  [longitude - half, latitude - half],
];
const polygon = (...rings: unknown[]) => ({ type: 'Polygon', coordinates: rings });
const around = box(austin.longitude, austin.latitude, 0.3);
const away = box(austin.longitude + 0.9, austin.latitude, 0.2);

describe('the area of a storm warning', () => {
  it.each([
    ['around the city', polygon(around), 'inside'],
    ['drawn the other way round', polygon([...around].reverse()), 'inside'],
    ['seventy kilometres away', polygon(away), 'outside'],
    ['with a hole where the city is', polygon(around, box(austin.longitude, austin.latitude, 0.1)), 'outside'],
    ['with a hole elsewhere', polygon(around, box(austin.longitude + 0.2, austin.latitude, 0.05)), 'inside'],
    ['one of several', { type: 'MultiPolygon', coordinates: [[away], [around]] }, 'inside'],
    ['none of several', { type: 'MultiPolygon', coordinates: [[away], [box(-80, 25, 1)]] }, 'outside'],
    ['with heights', polygon(around.map((position) => [...position, 0])), 'inside'],
    ['with repeated points', polygon(around.flatMap((position) => [position, position])), 'inside'],
    ['whose edge goes through the city', polygon(box(austin.longitude + 0.3, austin.latitude, 0.3)), 'inside'],
    ['half a kilometre away', polygon(box(austin.longitude + 0.3052, austin.latitude, 0.3)), 'inside'],
    ['two kilometres away', polygon(box(austin.longitude + 0.321, austin.latitude, 0.3)), 'outside'],
  ])('%s', (_name, geometry, verdict) => {
    expect(coverage(geometry, austin)).toBe(verdict);
  });

  it('reaches across the date line', () => {
    const aleutians = [
      [178, 50],
      [-178, 50],
      [-178, 53],
      [178, 53],
      [178, 50],
    ];
    expect(coverage(polygon(aleutians), { latitude: 52, longitude: 179.5 })).toBe('inside');
    expect(coverage(polygon(aleutians), { latitude: 52, longitude: -179.5 })).toBe('inside');
    expect(coverage(polygon(aleutians), { latitude: 52, longitude: -175 })).toBe('outside');
    // From the other side of the earth it lies on both ends of the map.
    expect(coverage(polygon(aleutians), { latitude: 52, longitude: 0.5 })).toBe('outside');
  });

  it('is not drawn for zones', () => {
    expect([coverage(null, austin), coverage(undefined, austin)]).toEqual([undefined, undefined]);
  });

  it.each([
    ['a point', { type: 'Point', coordinates: [-97.7, 30.2] }, 'no polygon'],
    ['text', 'POLYGON((0 0))', 'no polygon'],
    ['no rings', polygon(), 'no polygon'],
    ['a place off the earth', polygon([...around.slice(0, 4), [999, 30], around[0]]), 'no polygon'],
    ['nulls', polygon([[null, null]]), 'no polygon'],
    ['two points', polygon([around[0], around[1], around[0]]), 'too few points'],
    ['an open ring', polygon(around.slice(0, 4)), 'not closed'],
    ['a line there and back', polygon([around[0], around[1], around[2], around[1], around[0]]), 'no area'],
    ['a bow tie', polygon([around[0], around[2], [-97, 29], around[3], around[0]]), 'crosses itself'],
    ['an odd part of several', { type: 'MultiPolygon', coordinates: [[around], [away.slice(1)]] }, 'not closed'],
    [
      'a hundred thousand points',
      polygon([...Array.from({ length: 100_000 }, () => [1, 1]), [1, 1]]),
      'too many points',
    ],
  ])('that is %s is none', (_name, geometry, invalid) => {
    expect(coverage(geometry, austin)).toEqual({ invalid });
  });

  /** A ring around a point with as many corners; every second one is drawn in by a share of the radius. */
  const star = (corners: number, drawnIn: number, [x, y] = [austin.longitude, austin.latitude]): number[][] => {
    const ring = Array.from({ length: corners }, (_, index) => {
      const angle = (index / corners) * 2 * Math.PI;
      const radius = index % 2 === 0 ? 0.5 : 0.5 * (1 - drawnIn);
      return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
    });
    return [...ring, ring[0] ?? []];
  };
  /** A comb: every edge runs from one side to the other, so that each begins before any other ends. */
  const comb = (teeth: number): number[][] => [
    ...Array.from({ length: teeth }, (_, index) => [index % 2 === 0 ? -99 : -96, 29 + index * 0.001]),
    [-100, 29 + teeth * 0.001],
    [-100, 28],
    [-99, 29],
  ];

  it('may be drawn with a thousand points on a coast', () => {
    expect(coverage(polygon(star(1_000, 0.05)), austin)).toBe('inside');
    expect(coverage(polygon(star(1_000, 0.05)), { ...austin, latitude: 45 })).toBe('outside');
  });

  it.each([
    ['many rings', { type: 'MultiPolygon', coordinates: Array.from({ length: 200 }, () => [star(1_990, 0.05)]) }],
    ['rings without points', { type: 'Polygon', coordinates: Array.from({ length: 1_000_000 }, () => []) }],
    ['a position of many numbers', polygon([Array.from({ length: 1_000_000 }, () => 1), ...around])],
    ['edges each beside every other', polygon(comb(1_500))],
  ])('costs no more for %s', (_name, geometry) => {
    const usage = process.cpuUsage();
    expect(coverage(geometry, austin)).toEqual({ invalid: 'too many points' });
    expect(cpuMsSince(usage)).toBeLessThan(2_000);
  });

  it('is read for the first of a list that draws more than a list does, and the rest go by their zones', () => {
    const reader = new AreaReader();
    const geometries = Array.from({ length: 1_000 }, () => polygon(comb(400)));
    const usage = process.cpuUsage();
    const areas = geometries.map((geometry) => reader.read(geometry));
    expect(cpuMsSince(usage)).toBeLessThan(5_000);
    expect(areas[0]).toHaveProperty('polygons');
    expect(areas.at(-1)).toEqual({ invalid: 'too many areas in one list' });
  });

  it('is read for each of five hundred storms', () => {
    const reader = new AreaReader();
    const areas = Array.from({ length: 500 }, () => reader.read(polygon(star(30, 0.3))));
    expect(areas.filter((area) => area === undefined || 'invalid' in area)).toEqual([]);
  });
});
