/** Coordinates of the cities that people add most, in degrees, so that name and state are enough for them. */
const places = `
Albuquerque NM 35.0844 -106.6504
Anchorage AK 61.2181 -149.9003
Atlanta GA 33.749 -84.388
Austin TX 30.2672 -97.7431
Baltimore MD 39.2904 -76.6122
Baton Rouge LA 30.4515 -91.1871
Billings MT 45.7833 -108.5007
Birmingham AL 33.5186 -86.8104
Boise ID 43.615 -116.2023
Boston MA 42.3601 -71.0589
Bridgeport CT 41.1865 -73.1952
Buffalo NY 42.8864 -78.8784
Burlington VT 44.4759 -73.2121
Charleston SC 32.7765 -79.9311
Charleston WV 38.3498 -81.6326
Charlotte NC 35.2271 -80.8431
Cheyenne WY 41.14 -104.8202
Chicago IL 41.8781 -87.6298
Cincinnati OH 39.1031 -84.512
Cleveland OH 41.4993 -81.6944
Colorado Springs CO 38.8339 -104.8214
Columbia SC 34.0007 -81.0348
Columbus OH 39.9612 -82.9988
Dallas TX 32.7767 -96.797
Denver CO 39.7392 -104.9903
Des Moines IA 41.5868 -93.625
Detroit MI 42.3314 -83.0458
El Paso TX 31.7619 -106.485
Fargo ND 46.8772 -96.7898
Fort Worth TX 32.7555 -97.3308
Fresno CA 36.7378 -119.7871
Hartford CT 41.7658 -72.6734
Honolulu HI 21.3069 -157.8583
Houston TX 29.7604 -95.3698
Indianapolis IN 39.7684 -86.1581
Jackson MS 32.2988 -90.1848
Jacksonville FL 30.3322 -81.6557
Juneau AK 58.3019 -134.4197
Kansas City MO 39.0997 -94.5786
Las Vegas NV 36.1716 -115.1391
Little Rock AR 34.7465 -92.2896
Los Angeles CA 34.0522 -118.2437
Louisville KY 38.2527 -85.7585
Manchester NH 42.9956 -71.4548
Memphis TN 35.1495 -90.049
Miami FL 25.7617 -80.1918
Milwaukee WI 43.0389 -87.9065
Minneapolis MN 44.9778 -93.265
Nashville TN 36.1627 -86.7816
New Orleans LA 29.9511 -90.0715
New York NY 40.7128 -74.006
Newark NJ 40.7357 -74.1724
Norfolk VA 36.8508 -76.2859
Oakland CA 37.8044 -122.2712
Oklahoma City OK 35.4676 -97.5164
Omaha NE 41.2565 -95.9345
Orlando FL 28.5383 -81.3792
Philadelphia PA 39.9526 -75.1652
Phoenix AZ 33.4484 -112.074
Pittsburgh PA 40.4406 -79.9959
Portland ME 43.6591 -70.2568
Portland OR 45.5152 -122.6784
Providence RI 41.824 -71.4128
Raleigh NC 35.7796 -78.6382
Reno NV 39.5296 -119.8138
Richmond VA 37.5407 -77.436
Sacramento CA 38.5816 -121.4944
Salt Lake City UT 40.7608 -111.891
San Antonio TX 29.4241 -98.4936
San Diego CA 32.7157 -117.1611
San Francisco CA 37.7749 -122.4194
San Jose CA 37.3382 -121.8863
San Juan PR 18.4655 -66.1057
Seattle WA 47.6062 -122.3321
Sioux Falls SD 43.5446 -96.7311
Spokane WA 47.6588 -117.426
St. Louis MO 38.627 -90.1994
Tampa FL 27.9506 -82.4572
Tucson AZ 32.2226 -110.9747
Tulsa OK 36.154 -95.9928
Virginia Beach VA 36.8529 -75.978
Washington DC 38.9072 -77.0369
Wichita KS 37.6872 -97.3301
Wilmington DE 39.7391 -75.5398
`;

interface KnownPlace {
  readonly name: string;
  readonly state: string;
  readonly latitude: number;
  readonly longitude: number;
}

const known: readonly KnownPlace[] = places
  .trim()
  .split('\n')
  .map((line) => {
    const [, name = '', state = '', latitude, longitude] = /^(.+) ([A-Z]{2}) (\S+) (\S+)$/.exec(line) ?? [];
    return { name, state, latitude: Number(latitude), longitude: Number(longitude) };
  });

export const knownPlace = (name: string, state: string): KnownPlace | undefined =>
  known.find((place) => place.state === state && place.name.toLowerCase() === name.toLowerCase());
