import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`EXTRACTJSONFIELD('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}', '$.a')`, `STRING "1"`],
  [`EXTRACTJSONFIELD('[1,2.0,"3",null,true,[4],{"k":5}]', '$.a')`, `STRING null`],
  [
    `EXTRACTJSONFIELD('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}', '$.b')`,
    `STRING "{\\"c\\":[10,20,{\\"d\\":\\"x\\"}]}"`,
  ],
  [
    `EXTRACTJSONFIELD('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}', '$.b.c')`,
    `STRING "[10,20,{\\"d\\":\\"x\\"}]"`,
  ],
  [
    `EXTRACTJSONFIELD('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}', '$.b.*')`,
    `STRING null failed`,
  ],
  [`EXTRACTJSONFIELD('[1,2.0,"3",null,true,[4],{"k":5}]', '$.b.*')`, `STRING null failed`],
  [`EXTRACTJSONFIELD('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}', '$.f')`, `STRING "text"`],
  [`EXTRACTJSONFIELD('[1,2.0,"3",null,true,[4],{"k":5}]', '$[1]')`, `STRING "2.0"`],
  [`IS_JSON_STRING('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}')`, `BOOLEAN true`],
  [`IS_JSON_STRING('')`, `BOOLEAN false`],
  [`JSON_ARRAY_CONTAINS('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}', NULL)`, `BOOLEAN false`],
  [`JSON_ARRAY_CONTAINS('[1,2.0,"3",null,true,[4],{"k":5}]', 1)`, `BOOLEAN true`],
  [`JSON_ARRAY_CONTAINS(CAST(NULL AS STRING), NULL)`, `BOOLEAN null failed`],
  [`JSON_ARRAY_CONTAINS(CAST(NULL AS STRING), TRUE)`, `BOOLEAN null failed`],
  [`JSON_ARRAY_LENGTH('{"a":1,"b":{"c":[10,20,{"d":"x"}]},"e":null,"f":"text","g":1.50}')`, `INTEGER null`],
  [`JSON_ARRAY_LENGTH('x')`, `INTEGER null failed`],
  [`JSON_ARRAY_LENGTH('[1,')`, `INTEGER null failed`],
  [`JSON_ARRAY_LENGTH(' [1, 2] ')`, `INTEGER 2`],
  [`JSON_ARRAY_LENGTH('["\\u0041"]')`, `INTEGER 1`],
  [`JSON_CONCAT('[1,2.0,"3",null,true,[4],{"k":5}]', '[9]')`, `STRING "[1,2.0,\\"3\\",null,true,[4],{\\"k\\":5},9]"`],
  [`JSON_CONCAT('1', '[1,2.0,"3",null,true,[4],{"k":5}]')`, `STRING "[1,1,2.0,\\"3\\",null,true,[4],{\\"k\\":5}]"`],
  [`JSON_CONCAT('', '[9]')`, `STRING null`],
  [`JSON_CONCAT('null')`, `STRING "null"`],
  [`JSON_CONCAT('null', '[9]')`, `STRING "[null,9]"`],
  [`JSON_CONCAT('true')`, `STRING "true"`],
  [`JSON_CONCAT('true', '[9]')`, `STRING "[true,9]"`],
  [`JSON_CONCAT('1', 'true')`, `STRING "[1,true]"`],
  [
    `JSON_ITEMS('[1,2.0,"3",null,true,[4],{"k":5}]')`,
    `ARRAY<STRING> ["1","2.0","\\"3\\"","null","true","[4]","{\\"k\\":5}"]`,
  ],
  [`JSON_ITEMS(' ')`, `ARRAY<STRING> null failed`],
  [`JSON_ITEMS('true')`, `ARRAY<STRING> null failed`],
  [`JSON_ITEMS(' [1, 2] ')`, `ARRAY<STRING> ["1","2"]`],
  [`JSON_ITEMS('["\\u0041"]')`, `ARRAY<STRING> ["\\"A\\""]`],
  [`JSON_ITEMS('[null]')`, `ARRAY<STRING> ["null"]`],
  [`JSON_ITEMS(NULL)`, `ARRAY<STRING> null`],
  [`JSON_KEYS('')`, `ARRAY<STRING> null`],
  [`JSON_KEYS('{}')`, `ARRAY<STRING> []`],
  [`JSON_KEYS('{')`, `ARRAY<STRING> null failed`],
  [`JSON_KEYS('[1,]')`, `ARRAY<STRING> null failed`],
  [`JSON_RECORDS('[1,2.0,"3",null,true,[4],{"k":5}]')`, `MAP<STRING, STRING> null`],
  [`JSON_RECORDS('{')`, `MAP<STRING, STRING> null failed`],
  [`JSON_RECORDS('[1,]')`, `MAP<STRING, STRING> null failed`],
  [`JSON_RECORDS('{"a":1}')`, `MAP<STRING, STRING> {"a":"1"}`],
  [`JSON_RECORDS('{"a":1,"a":2}')`, `MAP<STRING, STRING> {"a":"2"}`],
  [`TO_JSON_STRING(false)`, `STRING "false"`],
  [`TO_JSON_STRING(CAST(NULL AS BOOLEAN))`, `STRING "null"`],
  [`TO_JSON_STRING(1)`, `STRING "1"`],
  [`TO_JSON_STRING(7)`, `STRING "7"`],
  [`TO_JSON_STRING(2147483647)`, `STRING "2147483647"`],
  [`TO_JSON_STRING(-2147483648)`, `STRING "-2147483648"`],
  [`TO_JSON_STRING(CAST(0 AS BIGINT))`, `STRING "0"`],
  [`TO_JSON_STRING(CAST(-3 AS BIGINT))`, `STRING "-3"`],
];

describe('json functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
