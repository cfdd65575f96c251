import { describe, expect, it } from '@jest/globals';
import { parseVariables, putVariables } from './variables.js';

const json = JSON.stringify({
  variables: {
    prefix: { type: 'TEXT', default: '' },
    grace: { type: 'DURATION', default: '1 MINUTE' },
    limit: { type: 'DECIMAL', default: 2.5 },
  },
  environments: { laptop: { prefix: "it's ", grace: '5 SECONDS' } },
});

describe('variables of the files', () => {
  it('are put in by environment, inside of quotes too, and cannot end them', () => {
    const sql = "-- ${prefix}\nCREATE … (KAFKA_TOPIC = '${prefix}a') GRACE PERIOD ${grace}, ${limit} /* ${nope} */";
    expect(putVariables('a.sql', sql, parseVariables(json, 'laptop'))).toBe(
      "-- ${prefix}\nCREATE … (KAFKA_TOPIC = 'it''s a') GRACE PERIOD 5 SECONDS, 2.5 /* ${nope} */",
    );
    expect(putVariables('a.sql', "'${prefix}a' ${grace}", parseVariables(json))).toBe("'a' 1 MINUTE");
  });

  it('begin no comment with their sign', () => {
    const offset = parseVariables('{"variables":{"offset":{"type":"INTEGER","default":-5}}}');
    expect(putVariables('a.sql', 'x -${offset}, x - ${offset}, (${offset})', offset)).toBe('x - -5, x - -5, (-5)');
  });

  it.each([
    ['\n  ${nope}', 'a.sql:2:3: the variable nope is not declared in variables.json'],
    ['x = ${prefix}', 'a.sql:1:5: ${prefix} is a text and stands outside of quotes'],
  ])('refuses %j', (sql, message) => {
    expect(() => putVariables('a.sql', sql, parseVariables(json))).toThrow(message);
  });

  it.each([
    ['{', 'it is no JSON'],
    ['{"variables":{"a":{"type":"NUMBER"}}}', 'the variable a has no type that is known'],
    ['{"variables":{"a":{"type":"toString"}}}', 'the variable a has no type that is known'],
    [
      '{"variables":{"a":{"type":"INTEGER","default":1.5}}}',
      'the default gives a the value 1.5, which is not a whole number',
    ],
    ['{"variables":{"a":{"type":"NAME","default":"x; DROP"}}}', 'which is not the name of a stream, table or column'],
    ['{"variables":{},"environments":{"x":{"b":1}}}', 'the environment x gives b a value, which is not declared'],
  ])('refuses the file %s', (text, message) => {
    expect(() => parseVariables(text)).toThrow(message);
  });

  it('refuses an environment that is not declared', () => {
    expect(() => parseVariables(json, 'moon')).toThrow('there is no environment moon');
    expect(() => parseVariables(json, 'constructor')).toThrow('there is no environment constructor');
  });
});
