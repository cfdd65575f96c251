import type { City } from '@isobar/contracts';

export const newYork: City = {
  id: 'new-york-ny',
  name: 'New York',
  state: 'NY',
  latitude: 40.7128,
  longitude: -74.006,
  timeZone: 'America/New_York',
};
