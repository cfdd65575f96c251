import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { brokerList, choice, flag, httpUrl, integer, postgresUrl, text } from './environment.js';
import { ConfigError, readConfig } from './read-config.js';

const schema = z.object({
  INTERVAL_MS: integer({ what: 'time between two', min: 10, max: 60_000, default: 5_000 }),
  MODE: choice({ what: 'how', words: ['auto', 'manual'], default: 'auto' }),
  DRY_RUN: flag({ what: 'only pretend', default: false }),
  CONTACT: text({ what: 'whom to call' }),
  BASE_URL: httpUrl({ what: 'where', default: 'https://example.org' }),
  BROKERS: brokerList({ what: 'the brokers', default: '127.0.0.1:9092' }),
  DATABASE_URL: postgresUrl({ what: 'the database', default: 'postgres://a:b@localhost:5432/c' }),
});

const problemsOf = (environment: Record<string, string>): Record<string, string> => {
  try {
    readConfig('test', schema, environment);
    return {};
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return Object.fromEntries(error.problems.map(({ variable, problem }) => [variable, problem]));
  }
};

describe('settings from the environment', () => {
  it('uses defaults for what is unset or empty', () => {
    expect(readConfig('test', schema, { CONTACT: 'me', MODE: '', BASE_URL: 'http://localhost:8080/' })).toEqual({
      INTERVAL_MS: 5_000,
      MODE: 'auto',
      DRY_RUN: false,
      CONTACT: 'me',
      BASE_URL: 'http://localhost:8080',
      BROKERS: ['127.0.0.1:9092'],
      DATABASE_URL: 'postgres://a:b@localhost:5432/c',
    });
  });

  it('says of each variable what it is and what it should be', () => {
    expect(problemsOf({})).toEqual({ CONTACT: 'is not set; it must be' });
    expect(
      problemsOf({
        CONTACT: ' ',
        INTERVAL_MS: '5s',
        MODE: 'magic',
        DRY_RUN: 'yes',
        BASE_URL: 'ftp://x',
        BROKERS: 'a:1,b',
      }),
    ).toEqual({
      CONTACT: 'is " " and must not be empty',
      INTERVAL_MS: 'is "5s" and must be a whole number from 10 to 60000',
      MODE: 'is "magic" and must be one of auto, manual',
      DRY_RUN: 'is "yes" and must be true or false',
      BASE_URL: 'is "ftp://x" and must be an http:// or https:// address',
      BROKERS: 'is "a:1,b" and must be host:port, several separated by commas',
    });
  });

  it('never shows a value that holds a password', () => {
    const problems = problemsOf({ CONTACT: 'me', DATABASE_URL: 'mysql://root:hunter2@localhost/x' });
    expect(problems['DATABASE_URL']).toContain('postgres://user:password@host:port/database');
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });
});
