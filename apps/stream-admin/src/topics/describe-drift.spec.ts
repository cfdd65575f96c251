import { expect, it } from '@jest/globals';
import { describeDrift } from './describe-drift.js';

it.each([
  [
    'partitions is 6, declared 3',
    /^[^(]*: iot-sensors: partitions is 6, declared 3 \(partitions cannot be taken away: [^;]*redeploy NAME\)$/,
  ],
  ['partitions is 2, declared 3', /declared 3 \(add the missing partitions with [^;]*\)$/],
  ['retention.ms is 6, declared 7', /declared 7 \(set a setting back with [^;]*\)$/],
])('says what to do about %s', (words, expected) => {
  expect(describeDrift(new Map([['iot-sensors', [words]]]))).toMatch(expected);
});
