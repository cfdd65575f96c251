import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { readServerConfig } from './config.js';

const guide = readFileSync(new URL('../../../docs/how-to/limits.md', import.meta.url), 'utf8');

/** The variables that limit nothing: where the server is, who it is, what it writes. */
const others =
  /^(HOST|PORT|LOG_LEVEL|AUTH.*|READ_ONLY|ALLOWED_.*|PRIVATE_NETWORK|KAFKA_BROKERS|KSQL_SERVICE_ID|KSQL_COMMIT_INTERVAL_MS|KSQL_INTERNAL_TOPIC_REPLICAS|KSQL_STATE_DIR|SCHEMA_REGISTRY_.*)$/;

it('the guide lists every limit of the server, with its default', () => {
  const limits = Object.entries(readServerConfig({})).filter(([name]) => !others.test(name));
  expect(limits.length).toBeGreaterThan(15);
  const listed = [...guide.matchAll(/^\| `([A-Z_]+)` +\| +([\d,]+) \|/gm)].map(([, name, value = '']) => [
    name,
    Number(value.replaceAll(',', '')),
  ]);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(limits));
});
