import { describe, expect, it } from '@jest/globals';
import { dateTimeFormatter } from './format.js';
import { dateTimeParser } from './parse.js';
import { resolveInstant } from './resolve.js';
import { UTC } from './zone.js';

/** 2023-03-05T04:06:07.089Z, a Sunday. */
const MOMENT = { days: 19_421, msOfDay: 14_767_089, zone: UTC, offsetMs: 0 };

describe('date patterns', () => {
  it.each([
    ['yyyy-MM-dd HH:mm:ss.SSS', '2023-03-05 04:06:07.089'],
    ['yy y yyyyy u', '23 2023 02023 2023'],
    ['M MM MMM MMMM MMMMM L', '3 03 Mar March M 3'],
    ['d dd D DDD', '5 05 64 064'],
    ['E EEEE EEEEE e c', 'Sun Sunday S 1 1'],
    ['Q QQ QQQ QQQQ', '1 01 Q1 1st quarter'],
    ['H k K h hh a', '4 4 4 4 04 AM'],
    ['S SS SSSSSS n N A', '0 08 089000 89000000 14767089000000 14767089'],
    ['G GGGG', 'AD Anno Domini'],
    ["'at' ''HH'' o''clock", undefined],
    ["'o''clock' ''", "o'clock '"],
    ['[yyyy][-MM]', '2023-03'],
    ['ppppH', '   4'],
    ['X XX XXX x xxx Z ZZZZ O', 'Z Z Z +00 +00:00 +0000 GMT GMT'],
    ['VV z', 'UTC UTC'],
    ['B', 'at night'],
    ['ww YYYY W', '10 2023 2'],
  ])('%s formats as %j', (pattern, text) => {
    if (text === undefined) expect(() => dateTimeFormatter(pattern)).toThrow();
    else expect(dateTimeFormatter(pattern)(MOMENT)).toBe(text);
  });

  it.each(['foo', 'yyyy{', 'MMMMMM', 'aa', 'V', "'open", ']', 'HHH', 'cc', 'p'])('refuses %s', (pattern) => {
    expect(() => dateTimeFormatter(pattern)).toThrow();
  });

  it.each([
    ['yyyyMMddHHmmssSSS', '20230305040607089', '2023-03-05T04:06:07.089Z'],
    ['yyyyMMdd', '20230305', '2023-03-05T00:00:00.000Z'],
    ['y-M-d', '2023-3-5', '2023-03-05T00:00:00.000Z'],
    ['yyyy-MM-dd', '+12345-01-02', '+012345-01-02T00:00:00.000Z'],
    ['uuuu-MM-dd', '-0044-03-15', '-000044-03-15T00:00:00.000Z'],
    ['dd MMM yy', '05 mar 23', '2023-03-05T00:00:00.000Z'],
    ['EEEE d MMMM uuuu', 'sunday 5 MARCH 2023', '2023-03-05T00:00:00.000Z'],
    ['yyyy-DDD', '2024-366', '2024-12-31T00:00:00.000Z'],
    ["YYYY-'W'ww-e", '2023-W10-1', '2023-03-05T00:00:00.000Z'],
    ['h:mm a', '1:05 pm', '1970-01-01T13:05:00.000Z'],
    ['yyyy-MM-dd HH:mmXXX', '2023-03-05 04:06+01:00', '2023-03-05T03:06:00.000Z'],
    ['yyyy-MM-dd HH:mm VV', '2023-07-05 04:06 Europe/Berlin', '2023-07-05T02:06:00.000Z'],
    ['yyyy-MM-dd HH:mm z', '2023-07-05 04:06 PDT', '2023-07-05T11:06:00.000Z'],
    ['yyyy-MM-dd[ HH:mm]', '2023-03-05', '2023-03-05T00:00:00.000Z'],
    ['yyyy-MM-dd HH:mm', '2023-03-05 24:00', '2023-03-06T00:00:00.000Z'],
    ['yyyy-MM-dd', '2023-02-31', '2023-02-28T00:00:00.000Z'],
    ['ppppd MMMM', '   5 March', '1970-03-05T00:00:00.000Z'],
  ])('%s parses %j', (pattern, text, instant) => {
    expect(new Date(resolveInstant(dateTimeParser(pattern)(text), UTC)).toISOString()).toBe(instant);
  });

  it.each([
    ['yyyy-MM-dd', '2023-3-5'],
    ['yyyy-MM-dd', '12345-01-02'],
    ['yyyy-MM-dd', '2023-13-01'],
    ['yyyy-MM-dd', '2023-03-05x'],
    ['yyyy-MM-dd', '0000-01-01'],
    ['EEE, d MMM yyyy', 'Mon, 5 Mar 2023'],
    ['yyyy-DDD', '2023-366'],
    ['HH:mm', '12:60'],
    ['hh:mm a', '13:00 AM'],
    ['QQQ yyyy-MM-dd', 'Q2 2023-03-05'],
  ])('%s does not read %j', (pattern, text) => {
    expect(() => resolveInstant(dateTimeParser(pattern)(text), UTC)).toThrow();
  });
});
