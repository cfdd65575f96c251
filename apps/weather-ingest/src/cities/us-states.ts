/** Where a state or territory lies: a box that holds all of it, in whole degrees, and the time zone of most of its people. */
interface State {
  readonly name: string;
  readonly box: readonly [south: number, west: number, north: number, east: number];
  readonly timeZone: string;
}

const eastern = 'America/New_York';
const central = 'America/Chicago';
const mountain = 'America/Denver';
const pacific = 'America/Los_Angeles';

/** The area that the National Weather Service serves, by postal code. Rough on purpose: it tells a wrong sign or a wrong state. */
export const states: Readonly<Record<string, State>> = {
  AK: { name: 'Alaska', box: [51, -180, 72, -129], timeZone: 'America/Anchorage' },
  AL: { name: 'Alabama', box: [30, -89, 36, -84], timeZone: central },
  AR: { name: 'Arkansas', box: [33, -95, 37, -89], timeZone: central },
  AS: { name: 'American Samoa', box: [-15, -172, -11, -168], timeZone: 'Pacific/Pago_Pago' },
  AZ: { name: 'Arizona', box: [31, -115, 38, -109], timeZone: 'America/Phoenix' },
  CA: { name: 'California', box: [32, -125, 43, -114], timeZone: pacific },
  CO: { name: 'Colorado', box: [36, -110, 42, -102], timeZone: mountain },
  CT: { name: 'Connecticut', box: [40, -74, 43, -71], timeZone: eastern },
  DC: { name: 'District of Columbia', box: [38, -78, 39, -76], timeZone: eastern },
  DE: { name: 'Delaware', box: [38, -76, 40, -74], timeZone: eastern },
  FL: { name: 'Florida', box: [24, -88, 32, -79], timeZone: eastern },
  GA: { name: 'Georgia', box: [30, -86, 36, -80], timeZone: eastern },
  GU: { name: 'Guam', box: [13, 144, 14, 145], timeZone: 'Pacific/Guam' },
  HI: { name: 'Hawaii', box: [18, -179, 29, -154], timeZone: 'Pacific/Honolulu' },
  IA: { name: 'Iowa', box: [40, -97, 44, -90], timeZone: central },
  ID: { name: 'Idaho', box: [41, -118, 50, -111], timeZone: 'America/Boise' },
  IL: { name: 'Illinois', box: [36, -92, 43, -87], timeZone: central },
  IN: { name: 'Indiana', box: [37, -89, 42, -84], timeZone: 'America/Indiana/Indianapolis' },
  KS: { name: 'Kansas', box: [36, -103, 41, -94], timeZone: central },
  KY: { name: 'Kentucky', box: [36, -90, 40, -81], timeZone: eastern },
  LA: { name: 'Louisiana', box: [28, -95, 34, -88], timeZone: central },
  MA: { name: 'Massachusetts', box: [41, -74, 43, -69], timeZone: eastern },
  MD: { name: 'Maryland', box: [37, -80, 40, -75], timeZone: eastern },
  ME: { name: 'Maine', box: [42, -72, 48, -66], timeZone: eastern },
  MI: { name: 'Michigan', box: [41, -91, 49, -82], timeZone: 'America/Detroit' },
  MN: { name: 'Minnesota', box: [43, -98, 50, -89], timeZone: central },
  MO: { name: 'Missouri', box: [35, -96, 41, -89], timeZone: central },
  MP: { name: 'Northern Mariana Islands', box: [14, 144, 21, 147], timeZone: 'Pacific/Guam' },
  MS: { name: 'Mississippi', box: [30, -92, 36, -88], timeZone: central },
  MT: { name: 'Montana', box: [44, -117, 50, -104], timeZone: mountain },
  NC: { name: 'North Carolina', box: [33, -85, 37, -75], timeZone: eastern },
  ND: { name: 'North Dakota', box: [45, -105, 50, -96], timeZone: central },
  NE: { name: 'Nebraska', box: [39, -105, 44, -95], timeZone: central },
  NH: { name: 'New Hampshire', box: [42, -73, 46, -70], timeZone: eastern },
  NJ: { name: 'New Jersey', box: [38, -76, 42, -73], timeZone: eastern },
  NM: { name: 'New Mexico', box: [31, -110, 38, -102], timeZone: mountain },
  NV: { name: 'Nevada', box: [35, -121, 43, -114], timeZone: pacific },
  NY: { name: 'New York', box: [40, -80, 46, -71], timeZone: eastern },
  OH: { name: 'Ohio', box: [38, -85, 43, -80], timeZone: eastern },
  OK: { name: 'Oklahoma', box: [33, -104, 38, -94], timeZone: central },
  OR: { name: 'Oregon', box: [41, -125, 47, -116], timeZone: pacific },
  PA: { name: 'Pennsylvania', box: [39, -81, 43, -74], timeZone: eastern },
  PR: { name: 'Puerto Rico', box: [17, -68, 19, -65], timeZone: 'America/Puerto_Rico' },
  RI: { name: 'Rhode Island', box: [41, -72, 43, -71], timeZone: eastern },
  SC: { name: 'South Carolina', box: [32, -84, 36, -78], timeZone: eastern },
  SD: { name: 'South Dakota', box: [42, -105, 46, -96], timeZone: central },
  TN: { name: 'Tennessee', box: [34, -91, 37, -81], timeZone: central },
  TX: { name: 'Texas', box: [25, -107, 37, -93], timeZone: central },
  UT: { name: 'Utah', box: [36, -115, 43, -109], timeZone: mountain },
  VA: { name: 'Virginia', box: [36, -84, 40, -75], timeZone: eastern },
  VI: { name: 'U.S. Virgin Islands', box: [17, -66, 19, -64], timeZone: 'America/St_Thomas' },
  VT: { name: 'Vermont', box: [42, -74, 46, -71], timeZone: eastern },
  WA: { name: 'Washington', box: [45, -125, 50, -116], timeZone: pacific },
  WI: { name: 'Wisconsin', box: [42, -93, 48, -86], timeZone: central },
  WV: { name: 'West Virginia', box: [37, -83, 41, -77], timeZone: eastern },
  WY: { name: 'Wyoming', box: [40, -112, 46, -104], timeZone: mountain },
};

/** Whether coordinates in degrees lie in the state's box. */
export function isWithin({ box: [south, west, north, east] }: State, latitude: number, longitude: number): boolean {
  return latitude >= south && latitude <= north && longitude >= west && longitude <= east;
}
