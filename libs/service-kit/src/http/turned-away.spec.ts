import { expect, it } from '@jest/globals';
import pino from 'pino';
import { TurnedAway } from './turned-away.js';

it('counts clients by reason for ever, and is news for a minute where a setting is behind it', () => {
  let nowMs = 0;
  const lines: { reason: string; address: string }[] = [];
  const logger = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as never) });
  const turnedAway = new TurnedAway<'slow reader' | 'too many connections'>(
    logger,
    { 'too many connections': 'HTTP_CONNECTIONS_MAX is 3' },
    () => nowMs,
  );
  expect(turnedAway.news()).toBeUndefined();
  turnedAway.note('slow reader', '::1');
  expect(turnedAway.news()).toBeUndefined();
  for (let times = 0; times < 1_000; times += 1) turnedAway.note('too many connections', '127.0.0.1');
  const news = 'too many connections, 1000 turned away since the start (HTTP_CONNECTIONS_MAX is 3)';
  expect(turnedAway.news()).toBe(news);
  nowMs = 59_000;
  expect(turnedAway.news()).toBe(news);
  nowMs = 61_000;
  expect(turnedAway.news()).toBeUndefined();
  expect([...turnedAway.count()]).toEqual([
    ['slow reader', 1],
    ['too many connections', 1_000],
  ]);
  turnedAway.close();
  expect(lines).toHaveLength(12);
  expect(lines[0]).toMatchObject({ reason: 'slow reader', address: '::1' });
});
