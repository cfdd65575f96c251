/** A case that this engine knowingly answers otherwise. */
export interface Deviation {
  /** Path of the case file below the folder of cases. */
  readonly file: string;
  readonly sql: string;
  /** `TYPE value` with the value as JSON, or `refused`. The server's answer stands in the case. */
  readonly ours: string;
  /** Why the server's answer is an accident. */
  readonly reason: string;
}

const because = (
  reason: string,
  answers: readonly (readonly [file: string, sql: string, ours: string])[],
): Deviation[] => answers.map(([file, sql, ours]) => ({ file: `${file}.json`, sql, ours, reason }));

/** Of the language itself; those of functions are in function-deviations.ts. */
export const languageDeviations: readonly Deviation[] = [
  ...because('A class cast failure for each record; a text is no number, so the statement is refused.', [
    ['between-in-like', 'S_1 NOT BETWEEN 1 AND 2', 'refused'],
    ['between-in-like', 'NOT (S_1 BETWEEN 1 AND 2)', 'refused'],
  ]),
  ...because(
    'The literal is put into the generated program without quotes; its pull queries read it as the time it is.',
    [
      ['between-in-like', "DA_1 IN ('2023-03-26')", 'BOOLEAN true'],
      ['between-in-like', "TS_1 IN ('2023-03-26T00:59:59.999')", 'BOOLEAN true'],
      ['between-in-like', "TS_1 NOT IN ('2023-03-26T00:59:59.999')", 'BOOLEAN false'],
      ['between-in-like', "TI_1 IN ('12:30:15.123')", 'BOOLEAN true'],
      ['between-in-like', "TI_1 NOT IN ('12:30:15.123')", 'BOOLEAN false'],
      [
        'construct-access',
        "ARRAY[TS_1, '2023-01-01T00:00:00']",
        'ARRAY<TIMESTAMP> ["2023-03-26T00:59:59.999","2023-01-01T00:00:00.000"]',
      ],
      ['construct-access', "ARRAY[TI_1, '12:00']", 'ARRAY<TIME> ["12:30:15","12:00"]'],
    ],
  ),
  ...because(
    '`||` is broken in persistent queries of the recorded server; it works as CONCAT, as in its pull queries.',
    [
      ['between-in-like', "S_1 LIKE 'H' || '%'", 'BOOLEAN true'],
      ['construct-access', "M_I['a' || '']", 'INTEGER 1'],
    ],
  ),
  ...because('Times before 1582 go through the Julian calendar and come back two days off, or in another era.', [
    ['cast', "CAST('0001-01-01' AS TIMESTAMP)", 'TIMESTAMP "0001-01-01T00:00:00.000"'],
  ]),
  ...because('NaN would be the same as every number; its pull queries say otherwise.', [
    ['comparison', 'D_NAN IS DISTINCT FROM D_15', 'BOOLEAN true'],
    ['comparison', 'D_NAN IS NOT DISTINCT FROM D_15', 'BOOLEAN false'],
  ]),
  ...because('IS DISTINCT FROM misses the check of types that all other comparisons have.', [
    ['comparison', "Y_1 IS NOT DISTINCT FROM 'SGVsbG8='", 'refused'],
  ]),
  ...because('The generated program compares a primitive with null and does not compile; its pull queries answer.', [
    ['comparison', '(I_7 / 0) IS NULL', 'BOOLEAN null'],
    ['logic', '(I_N = 1) IS NULL', 'BOOLEAN false'],
  ]),
  ...because('The recorded server timed out while the statement was written to its command topic.', [
    ['construct-access', 'ARRAY[Y_1, Y_4]', 'ARRAY<BYTES> ["SGVsbG8=","AAAAKg=="]'],
    ['construct-access', 'A_SN[I_MAX]', 'STRING null'],
    ['construct-access', "M_S['']", 'STRING null'],
  ]),
  ...because('The answer could not be serialised (status 500); the value is a map with a NULL key.', [
    ['construct-access', 'MAP(S_N := 1)', 'MAP<STRING, INTEGER> {"null":1}'],
  ]),
  ...because('A select list of two columns, not one expression.', [['literals', '1,5', 'refused']]),
  ...because(
    'The compiler folds a literal operand away, and with it the check of the other one; its pull queries differ.',
    [
      ['logic', "'true' OR TRUE", 'refused'],
      ['logic', "'true' AND FALSE", 'refused'],
    ],
  ),
  ...because(
    'COUNT_DISTINCT estimates from hashes that hardly differ for short BYTES and close TIMEs; few values are counted exactly here.',
    [
      ['aggregates-stream', 'COUNT_DISTINCT(Y)', 'BIGINT {"a":"4","s":"1","n":"0","o":"1","z":"2"}'],
      ['aggregates-stream', 'COUNT_DISTINCT(TI)', 'BIGINT {"a":"4","s":"1","n":"0","o":"1","z":"2"}'],
    ],
  ),
  ...because('The count of NULLs in a HISTOGRAM never rises above 1.', [
    [
      'aggregates-stream',
      'HISTOGRAM(S)',
      String.raw`MAP<STRING, BIGINT> {"a":"{\"b\":2,\"a\":1,\"null\":1,\"é\":1,\"B\":1}","s":"{\"only\":1}","n":"{\"null\":2}","o":"{\"\":2}","z":"{\"A\":1,\"😀\":1}"}`,
    ],
  ]),
];
