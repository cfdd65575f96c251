import { describe, expect, it } from '@jest/globals';
import { answerOf } from '../../../testing/sql-answer.js';

/** An expression, and its type and value as JSON text. */
const cases: readonly (readonly [sql: string, answer: string])[] = [
  [`REGEXP_EXTRACT('(\\w+)@(\\w+)', 'aab12 a.b')`, `STRING null`],
  [`REGEXP_EXTRACT('o', 'me@here you@there')`, `STRING "o"`],
  [`REGEXP_EXTRACT('.*', 'me@here you@there')`, `STRING "me@here you@there"`],
  [`REGEXP_EXTRACT('.*', '')`, `STRING ""`],
  [`REGEXP_EXTRACT('[a-z', 'me@here you@there')`, `STRING null failed`],
  [`REGEXP_EXTRACT('[a-z', '')`, `STRING null failed`],
  [`REGEXP_EXTRACT('(?i)HELLO', 'Hello world')`, `STRING "Hello"`],
  [`REGEXP_EXTRACT('(a)|(b)', 'aab12 a.b')`, `STRING "a"`],
  [`REGEXP_EXTRACT_ALL('(\\w+)@(\\w+)', '')`, `ARRAY<STRING> []`],
  [`REGEXP_EXTRACT_ALL('.*', 'Hello world')`, `ARRAY<STRING> ["Hello world",""]`],
  [`REGEXP_EXTRACT_ALL('.*', '')`, `ARRAY<STRING> [""]`],
  [`REGEXP_EXTRACT_ALL('.*', 'aab12 a.b')`, `ARRAY<STRING> ["aab12 a.b",""]`],
  [`REGEXP_EXTRACT_ALL('.*', CAST(NULL AS STRING))`, `ARRAY<STRING> null`],
  [`REGEXP_EXTRACT_ALL('', 'Hello world')`, `ARRAY<STRING> ["","","","","","","","","","","",""]`],
  [
    `REGEXP_EXTRACT_ALL('', 'me@here you@there')`,
    `ARRAY<STRING> ["","","","","","","","","","","","","","","","","",""]`,
  ],
  [`REGEXP_EXTRACT_ALL('', 'aab12 a.b')`, `ARRAY<STRING> ["","","","","","","","","",""]`],
  [`REGEXP_REPLACE('Hello world', '(\\w+)@(\\w+)', '<$0>')`, `STRING "Hello world"`],
  [`REGEXP_REPLACE('me@here you@there', '(\\w+)@(\\w+)', '<$0>')`, `STRING "<me@here> <you@there>"`],
  [`REGEXP_REPLACE('me@here you@there', 'o', '<$0>')`, `STRING "me@here y<o>u@there"`],
  [`REGEXP_REPLACE('', 'o', '<$0>')`, `STRING ""`],
  [`REGEXP_REPLACE('aab12 a.b', 'o', '<$0>')`, `STRING "aab12 a.b"`],
  [`REGEXP_REPLACE('me@here you@there', '.*', '<$0>')`, `STRING "<me@here you@there><>"`],
  [`REGEXP_REPLACE('me@here you@there', '', '<$0>')`, `STRING "<>m<>e<>@<>h<>e<>r<>e<> <>y<>o<>u<>@<>t<>h<>e<>r<>e<>"`],
  [`REGEXP_REPLACE('aab12 a.b', '', '<$0>')`, `STRING "<>a<>a<>b<>1<>2<> <>a<>.<>b<>"`],
  [`REGEXP_SPLIT_TO_ARRAY('Hello world', '(\\w+)@(\\w+)')`, `ARRAY<STRING> ["Hello world"]`],
  [`REGEXP_SPLIT_TO_ARRAY('me@here you@there', '(\\w+)@(\\w+)')`, `ARRAY<STRING> [""," ",""]`],
  [`REGEXP_SPLIT_TO_ARRAY('', '(\\w+)@(\\w+)')`, `ARRAY<STRING> [""]`],
  [`REGEXP_SPLIT_TO_ARRAY('abc', '.*')`, `ARRAY<STRING> []`],
  [`REGEXP_SPLIT_TO_ARRAY('axb', 'x*')`, `ARRAY<STRING> ["a","","b"]`],
  [`REGEXP_SPLIT_TO_ARRAY(CAST(NULL AS STRING), '(\\w+)@(\\w+)')`, `ARRAY<STRING> null`],
  [`REGEXP_SPLIT_TO_ARRAY('aab12 a.b', 'o')`, `ARRAY<STRING> ["aab12 a.b"]`],
  [`REGEXP_SPLIT_TO_ARRAY('Hello world', '')`, `ARRAY<STRING> ["H","e","l","l","o"," ","w","o","r","l","d"]`],
  [
    `REGEXP_SPLIT_TO_ARRAY('me@here you@there', '')`,
    `ARRAY<STRING> ["m","e","@","h","e","r","e"," ","y","o","u","@","t","h","e","r","e"]`,
  ],
  [`REGEXP_SPLIT_TO_ARRAY('Hello world', '(')`, `ARRAY<STRING> null failed`],
];

describe('regex functions', () => {
  it.each(cases)('%s', (sql, answer) => {
    expect(answerOf(sql)).toBe(answer);
  });
});
