import { isAbsent } from './compare-rows.js';
import type { Deviation } from './judge.js';

type Cause = Pick<Deviation, 'theirs' | 'ours' | 'reason' | 'when'>;

/** Changes of the SQL since it was recorded, by the subjects of their commits. */
const CLOCKS = "changed SQL: one sensor's clock moves nobody else's time";
const VALUES = 'changed SQL: a value that is none is flagged or refused, and no average takes it';
const MIDDLE = 'changed SQL: the air of a city and its people is the middle of recent readings';
const TRUSTED = 'changed SQL: the air of a city is the steady median of its trusted sensors';

const LEFT_JOIN =
  'a LEFT join keeps a row that points at nothing, as in Kafka Streams from 3.7; the recorded server is older (docs/adr/0021)';
const TOMBSTONES =
  'people and warnings have a TIMESTAMP column, so the recorded server drops their tombstones; who is deleted is gone';

const laterColumn = (reason: string): Cause => ({
  theirs: 'no such column',
  ours: 'a column that came later',
  reason,
  when: (theirs) => isAbsent(theirs),
});
const FAST_READING: Cause = {
  theirs: 'a reading from 50 minutes ahead is one of its city',
  ours: 'it is in early-readings alone',
  reason: CLOCKS,
};
const FAST_TIME: Cause = {
  theirs: 'the clock that is 50 minutes ahead makes later readings of its city, or partition, late',
  ours: 'they are in time',
  reason: CLOCKS,
};
const THREE_MINUTES: Cause = {
  theirs: 'a window waits two minutes',
  ours: 'three, so that one reading more is in time',
  reason: CLOCKS,
};
const SEVEN_MINUTES: Cause = {
  theirs: 'a window waits two minutes',
  ours: 'seven, so that more observations are in time',
  reason: CLOCKS,
};
const EMPTY_READING: Cause = {
  theirs: 'a reading without any value counts',
  ours: 'it is EMPTY, and in no city and no average',
  reason: VALUES,
};
const INFINITE: Cause = {
  theirs: 'an infinite temperature is one',
  ours: 'that observation is IMPOSSIBLE, and the one before holds',
  reason: VALUES,
};
/** Cells that tell the infinite temperature itself. */
const INFINITE_CELL: Cause = { ...INFINITE, when: (theirs) => theirs.includes('"Infinity"') };
const NO_TEMPERATURE: Cause = {
  theirs: 'the average of no temperature is 0',
  ours: 'there is none',
  reason: VALUES,
  when: (theirs, ours) => theirs === '0.0' && ours === 'null',
};
const DOUBLE_INDEX: Cause = {
  theirs: 'the index is an INT',
  ours: 'the same as a DOUBLE',
  reason: VALUES,
  when: (theirs, ours) => ours === `${theirs}.0`,
};
const MIDDLE_INDEX: Cause = {
  theirs: 'the index of the newest reading',
  ours: 'the middle of the last nine',
  reason: MIDDLE,
};
const NO_KEY: Cause = {
  theirs: 'readings without a sensor or a city are dropped before the joins',
  ours: 'they go on',
  reason: LEFT_JOIN,
};
const NO_CITY: Cause = {
  theirs: 'a person who has no city any more keeps the row of before',
  ours: 'the row of a person without a city',
  reason: LEFT_JOIN,
};
const DELETED: Cause = { theirs: 'a person who was deleted', ours: 'nobody', reason: TOMBSTONES };
const ENDED: Cause = { theirs: 'a warning that was taken back holds', ours: 'it is gone', reason: TOMBSTONES };
const PAUSES: Cause = {
  theirs: 'three pauses of a sensor at most',
  ours: 'each pause that is over',
  reason: 'the recorded server loses final sessions when stream time jumps',
};
const SIGNALS: Cause = {
  theirs: 'two readings are STUCK, of the next phase',
  ours: 'three are, from the twelfth equal one on',
  reason: 'which signals a reading meets depends on timing, as they are of the same readings',
};
const STREAM_TIME: Cause = {
  theirs: 'the window is open in its partition',
  ours: 'Miami, which comes first, has ended it',
  reason: 'in memory all cities are in one partition, of one stream time; on the recorded server they are in several',
};

const ROW = ['ROW'];
const ROWTIME = ['ROWTIME'];
const AIR = ['AIR', 'AIR_QUALITY_INDEX'];
const WARNINGS = ['ACTIVE_WARNINGS', 'WARNINGS'];

/**
 * By topic, where this pipeline answers otherwise than the recorded one, and why. The first that fits a difference accounts for it. One that
 * no longer occurs, or occurs more or less often, makes the run fail.
 */
export const deviations: Readonly<Record<string, readonly Deviation[]>> = {
  'checked-readings': [
    { keys: /./, columns: ['AHEAD_MS'], differences: 224, ...laterColumn(CLOCKS) },
    { keys: /./, columns: ['AIR_QUALITY_INDEX'], differences: 222, ...DOUBLE_INDEX },
    { keys: /^austin-tx s-2$/, columns: ['FLAG'], differences: 5, ...SIGNALS },
    { keys: /^austin-tx /, columns: ['IS_LATE'], differences: 68, ...FAST_TIME },
    { keys: /^austin-tx s-8$/, columns: ROW, differences: 1, ...FAST_READING },
    { keys: /^miami-fl s-1$/, columns: ['IS_LATE'], differences: 1, ...THREE_MINUTES },
    { keys: /^miami-fl s-4$/, columns: ['FLAG'], differences: 1, ...EMPTY_READING },
    { keys: /^miami-fl /, columns: ['STATION_TEMPERATURE_F'], differences: 54, ...INFINITE_CELL },
    { keys: /^(miami-fl null|none s-9)$/, columns: ROW, differences: 2, ...NO_KEY },
  ],
  'city-averages-1h': [
    { keys: /^austin-tx 2026-11-30T01:00/, columns: ROW, differences: 2, ...FAST_READING },
    { keys: /^austin-tx 2026-11-29T2[12]:00/, differences: 74, ...FAST_TIME },
    { keys: /^miami-fl 2026-11-29T21:00/, columns: ['AVG_TEMP', 'MIN_TEMP'], differences: 2, ...NO_KEY },
  ],
  'city-averages-5m': [
    { keys: /^austin-tx 2026-11-30T01:00/, columns: ROW, differences: 2, ...FAST_READING },
    { keys: /^austin-tx 2026-11-29T2[12]:/, differences: 79, ...FAST_TIME },
    { keys: /^miami-fl 2026-11-29T21:00/, differences: 4, ...THREE_MINUTES },
    { keys: /^miami-fl 2026-11-29T21:05/, columns: ['READING_COUNT', 'ROWTIME'], differences: 2, ...EMPTY_READING },
    { keys: /^miami-fl 2026-11-29T21:10/, columns: ['AVG_TEMP', 'READING_COUNT'], differences: 2, ...NO_KEY },
  ],
  'city-conditions': [
    { keys: /./, columns: ['AIR_QUALITY_INDEX'], differences: 83, ...MIDDLE_INDEX },
    { keys: /^austin-tx$/, differences: 158, ...FAST_READING },
  ],
  'city-sensors': [
    { keys: /./, columns: ['RECENT_AIR_QUALITY_INDEXES'], differences: 94, ...laterColumn(MIDDLE) },
    { keys: /^austin-tx$/, differences: 218, ...FAST_READING },
    { keys: /^miami-fl$/, columns: ['READINGS'], differences: 1, ...EMPTY_READING },
  ],
  'city-warnings': [{ keys: /^miami-fl$/, differences: 3, ...ENDED }],
  'forecast-averages-10m': [
    { keys: /^austin-tx /, columns: ['AVG_FORECAST_TEMP'], differences: 2, ...NO_TEMPERATURE },
    { keys: /^(austin-tx|ghost-nv) 2026-11-29T21:15/, columns: ROW, differences: 4, ...STREAM_TIME },
    { keys: /^(miami-fl 2026-11-29T21:00|.* 2026-11-29T21:20)/, differences: 19, ...SEVEN_MINUTES },
    { keys: /^miami-fl 2026-11-29T21:(05|10)/, differences: 6, ...INFINITE },
  ],
  'late-readings': [
    { keys: /./, columns: ['AHEAD_MS'], differences: 4, ...laterColumn(CLOCKS) },
    { keys: /./, columns: ['AIR_QUALITY_INDEX'], differences: 4, ...DOUBLE_INDEX },
    { keys: /^austin-tx /, columns: ROW, differences: 68, ...FAST_TIME },
    { keys: /^miami-fl s-1$/, columns: ROW, differences: 1, ...THREE_MINUTES },
    { keys: /^miami-fl /, columns: ['STATION_TEMPERATURE_F'], differences: 2, ...INFINITE_CELL },
  ],
  'sensor-flags': [
    { keys: /./, columns: ['AHEAD_MS', 'BEHIND_MS'], differences: 468, ...laterColumn(CLOCKS) },
    { keys: /./, columns: ['AIR_QUALITY_INDEX'], differences: 234, ...laterColumn(TRUSTED) },
    { keys: /^s-1$/, columns: ['LATE_READINGS'], differences: 23, ...THREE_MINUTES },
    { keys: /^s-[258]$/, columns: ['LATE_READINGS'], differences: 71, ...FAST_TIME },
    { keys: /^s-2$/, columns: ['FLAG', 'FLAGGED_READINGS'], differences: 28, ...SIGNALS },
    { keys: /^s-4$/, columns: ['FLAG', 'FLAGGED_READINGS'], differences: 22, ...EMPTY_READING },
    { keys: /^s-[1347]$/, columns: ['STATION_TEMPERATURE_F'], differences: 54, ...INFINITE_CELL },
    { keys: /^s-8$/, differences: 59, ...FAST_READING },
    { keys: /^s-9$/, differences: 6, ...NO_KEY },
  ],
  'sensor-health': [
    { keys: /./, columns: ['AHEAD_MS', 'BEHIND_MS'], differences: 20, ...laterColumn(CLOCKS) },
    { keys: /./, columns: ['AIR_QUALITY_INDEX'], differences: 10, ...laterColumn(TRUSTED) },
    { keys: /^s-1$/, columns: ['LATE_READINGS'], differences: 1, ...THREE_MINUTES },
    { keys: /^s-[258]$/, columns: ['LATE_READINGS'], differences: 3, ...FAST_TIME },
    { keys: /^s-2$/, columns: ['FLAGGED_READINGS'], differences: 1, ...SIGNALS },
    { keys: /^s-4$/, columns: ['FLAGGED_READINGS'], differences: 1, ...EMPTY_READING },
    { keys: /^s-8$/, columns: ['LAST_READING_AT', 'READINGS', 'ROWTIME'], differences: 3, ...FAST_READING },
    { keys: /^s-(9|10)$/, columns: ['STATUS'], differences: 2, ...PAUSES },
    { keys: /^s-9$/, differences: 5, ...NO_KEY },
  ],
  'sensor-pauses': [{ keys: /./, columns: ROW, differences: 210, ...PAUSES }],
  'sensor-sessions-30s': [
    { keys: /^s-8 2026-11-30T01:/, columns: ROW, differences: 2, ...FAST_READING },
    { keys: /^s-[2456789] /, columns: ROW, differences: 248, ...FAST_TIME },
  ],
  'sensor-signals': [{ keys: /^s-8$/, columns: ['ROW', 'ROWTIME'], differences: 20, ...FAST_READING }],
  'sensor-silences': [{ keys: /./, differences: 155, ...PAUSES }],
  'user-alert-context': [
    { keys: /^1$/, columns: ROW, differences: 1, ...DELETED },
    { keys: /^2$/, differences: 14, ...NO_CITY },
    { keys: /^[358]$/, columns: ROWTIME, differences: 3, ...FAST_READING },
    { keys: /^[3458]$/, columns: AIR, differences: 6, ...MIDDLE_INDEX },
    { keys: /^4$/, columns: WARNINGS, differences: 2, ...ENDED },
  ],
  'user-conditions': [
    { keys: /./, columns: ['AQI_LIMIT', 'SENSOR_ID'], differences: 14, ...laterColumn(TRUSTED) },
    { keys: /^1$/, columns: ROW, differences: 1, ...DELETED },
    { keys: /^2$/, differences: 15, ...NO_CITY },
    { keys: /^[358]$/, columns: ROWTIME, differences: 3, ...FAST_READING },
    { keys: /^[3458]$/, columns: AIR, differences: 6, ...MIDDLE_INDEX },
  ],
  'user-local-sensors': [
    { keys: /^1$/, columns: ROW, differences: 1, ...DELETED },
    { keys: /^2$/, differences: 7, ...NO_CITY },
    { keys: /^[358]$/, columns: ROWTIME, differences: 3, ...FAST_READING },
  ],
  'weather-latest': [{ keys: /^miami-fl$/, columns: ROW, differences: 1, ...INFINITE }],
};
