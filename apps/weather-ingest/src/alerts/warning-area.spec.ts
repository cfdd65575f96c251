import { describe, expect, it } from '@jest/globals';
import { coverage } from './warning-area.js';

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
});
