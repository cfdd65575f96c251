import type { Deviation } from './deviations.js';

/** [file, expression, our answer] of the accidents with one cause. */
function because(
  reason: string,
  answers: readonly (readonly [file: string, sql: string, ours: string])[],
): Deviation[] {
  return answers.map(([file, sql, ours]) => ({ file: `functions/${file}.json`, sql, ours, reason }));
}

export const functionDeviations: readonly Deviation[] = [
  ...because('the server lets one type variable stand for two types, and every row fails', [
    ['conditional', 'COALESCE(I_N, A_I_N)', 'refused'],
    ['conditional', 'COALESCE(1, A_I)', 'refused'],
    ['conditional', 'COALESCE(1, A_I_N)', 'refused'],
  ]),
  ...because('the server takes an offset behind UTC for UTC itself in CONVERT_TZ, not in other functions', [
    ['date-time', "CONVERT_TZ(TS_1, 'UTC', 'UTC+01:00')", 'TIMESTAMP "2023-03-26T01:59:59.999"'],
    ['date-time', "CONVERT_TZ(TS_2, 'UTC+01:00', 'UTC')", 'TIMESTAMP "2023-10-29T00:30:00.000"'],
    ['date-time', "CONVERT_TZ(TS_0, 'UTC+01:00', 'Asia/Kolkata')", 'TIMESTAMP "1970-01-01T04:30:00.000"'],
  ]),
  ...because('the server formats full month names, but does not read them', [
    ['date-time', "PARSE_TIMESTAMP('March 26, 2023', 'MMMM d, yyyy')", 'TIMESTAMP "2023-03-26T00:00:00.000"'],
  ]),
  ...because('the server goes through the Julian calendar for days before 1582', [
    ['date-time', "PARSE_TIMESTAMP('0001-01-01', 'yyyy-MM-dd')", 'TIMESTAMP "0001-01-01T00:00:00.000"'],
    ['date-time', "PARSE_TIMESTAMP('1 BC', 'y G')", 'TIMESTAMP "0000-01-01T00:00:00.000"'],
  ]),
  ...because("the server's nanoseconds overflow", [
    ['date-time', 'TIMEADD(HOURS, I_MIN, TI_1)', 'TIME "04:30:15"'],
    ['date-time', 'TIMEADD(MINUTES, I_MAX, TI_1)', 'TIME "14:37:15"'],
    ['date-time', 'TIMESUB(DAYS, I_MAX, TI_1)', 'TIME "12:30:15"'],
    ['date-time', 'TIMESUB(DAYS, I_MIN, TI_1)', 'TIME "12:30:15"'],
    ['date-time', 'TIMESUB(HOURS, I_MAX, TI_1)', 'TIME "05:30:15"'],
    ['date-time', 'TIMESUB(MINUTES, I_MAX, TI_1)', 'TIME "10:23:15"'],
  ]),
  ...because(
    'the server leaves out the sign of years before the common era; beyond 2^53 ms a TIMESTAMP is rounded here',
    [
      ['date-time', 'TIMESTAMPADD(DAYS, I_MIN, TS_1)', 'TIMESTAMP "-5877588-09-14T01:00:00.000"'],
      ['date-time', 'TIMESTAMPADD(HOURS, I_MIN, TS_1)', 'TIMESTAMP "-242961-06-17T16:59:59.999"'],
      ['date-time', 'TIMESTAMPSUB(DAYS, I_MIN, TS_1)', 'TIMESTAMP "5881633-10-04T01:00:00.000"'],
      ['date-time', 'TIMESTAMPSUB(MINUTES, I_MAX, TS_1)', 'TIMESTAMP "-2060-03-02T22:52:59.999"'],
      ['date-time', 'FROM_UNIXTIME(L_MAX)', 'TIMESTAMP "292278994-08-17T07:12:55.808"'],
    ],
  ),
  ...because('the text is no JSON: what comes before the mistake does not count', [
    ['json', "JSON_ARRAY_CONTAINS('[1,', 1)", 'BOOLEAN false'],
  ]),
  ...because('the server loses the operator || in persistent queries; it is CONCAT there too', [
    ['lambda', "TRANSFORM(A_S, x => x || '!')", 'ARRAY<STRING> ["a!","B!","c!","a!"]'],
    ['lambda', "TRANSFORM(A_SN, x => x || '!')", 'ARRAY<STRING> ["b!","!","!","😀!"]'],
    ['string', "'a' || NULL", 'STRING "a"'],
    ['string', "'a' || S_N", 'STRING "a"'],
    ['string', "'a' || 'b' || 'c'", 'STRING "abc"'],
    ['string', 'S_N || S_N', 'STRING ""'],
  ]),
  ...because('the server cannot write a NULL key into JSON; here it reads null', [
    ['map', 'AS_MAP(A_SN, A_I)', 'MAP<STRING, INTEGER> {"b":1,"null":2,"":3,"😀":null}'],
    ['map', 'AS_MAP(A_SN, A_IN)', 'MAP<STRING, INTEGER> {"b":3,"null":null,"":1,"😀":3}'],
    [
      'map',
      'AS_MAP(A_SN, A_ST)',
      'MAP<STRING, STRUCT<`A` INTEGER, `B` STRING>> {"b":{"A":1,"B":"x"},"null":{"A":2,"B":null},"":null,"😀":null}',
    ],
    ['map', 'AS_MAP(A_SN, ARRAY[1])', 'MAP<STRING, INTEGER> {"b":1,"null":null,"":null,"😀":null}'],
  ]),
  ...because('the server reads the bytes of a column once only, and puts zeros where they come a second time', [
    ['string', 'CONCAT(Y_4, Y_4)', 'BYTES "AAAAKgAAACo="'],
    ['string', 'CONCAT_WS(Y_4, Y_1, Y_1)', 'BYTES "SGVsbG8AAAAqSGVsbG8="'],
    ['string', 'CONCAT_WS(Y_E, Y_1, Y_1)', 'BYTES "SGVsbG9IZWxsbw=="'],
    ['string', 'CONCAT_WS(Y_8, Y_1, Y_1)', 'BYTES "SGVsbG///////////khlbGxv"'],
    ['string', 'CONCAT_WS(Y_D, Y_1, Y_1)', 'BYTES "SGVsbG8/+AAAAAAAAEhlbGxv"'],
    ['string', 'CONCAT_WS(Y_X, Y_1, Y_1)', 'BYTES "SGVsbG8A/4DDSGVsbG8="'],
  ]),
  ...because('the server takes a delimiter of bytes for found where only its last byte is', [
    ['string', "SPLIT(Y_1, TO_BYTES('lo','utf8'))", 'ARRAY<BYTES> ["SGVs",""]'],
  ]),
  ...because('the server writes the second half of a character outside the basic plane twice', [
    ['string', "MASK('My Test $123 äÖ ١ 😀_ẞ', NULL, NULL, NULL, NULL)", 'STRING "My Test $123 äÖ ١ 😀_ẞ"'],
    ['string', "MASK_RIGHT('My Test $123 äÖ ١ 😀_ẞ', 4, NULL, NULL, NULL, NULL)", 'STRING "My Test $123 äÖ ١ 😀_ẞ"'],
    [
      'string',
      "MASK_KEEP_LEFT('My Test $123 äÖ ١ 😀_ẞ', 4, NULL, NULL, NULL, NULL)",
      'STRING "My Test $123 äÖ ١ 😀_ẞ"',
    ],
  ]),
];
