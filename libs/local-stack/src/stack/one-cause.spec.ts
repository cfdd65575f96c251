import { describe, expect, it } from '@jest/globals';
import { isSaidByOthers } from './one-cause.js';

const server = (list: string): string => `ksql-server is not ready: queries: 2 of 10 queries do not run: ${list}`;
const admin =
  'stream-admin is not ready: queries: CITY_AIR is ERROR, failed (keys have moved: terminate the query and create it again; ' +
  'npx isobar queries redeploy CITY_AIR does that); PAUSES is ERROR, failed (its topic is gone)';

describe('a sentence on queries that do not run', () => {
  it.each([
    ['of the same queries', server('CTAS_CITY_AIR_3: keys have moved; CSAS_PAUSES_12: its topic is gone'), true],
    ['of one of them', server('CTAS_CITY_AIR_3: keys have moved'), true],
    ['of one that nobody else names', server('CTAS_CITY_AIR_3: keys have moved; CSAS_MINE_12: gone'), false],
    ['of one whose name is part of another', server('CTAS_AIR_3: keys have moved'), false],
    ['of one whose id was chosen', server('CITY_AIR: keys have moved'), false],
    ['that leaves some out', server('CTAS_CITY_AIR_3: keys have moved; and 6 more'), false],
    ['of no query', 'kafka is restarting: was ended by SIGKILL', false],
  ])('%s', (_, sentence, isSaid) => {
    expect(isSaidByOthers(sentence, [sentence, admin])).toBe(isSaid);
    expect(isSaidByOthers(sentence, [sentence])).toBe(false);
  });

  it('with the names and the fix is never left out', () => {
    expect(isSaidByOthers(admin, [admin, server('CTAS_CITY_AIR_3: keys have moved')])).toBe(false);
  });
});
