import { expect, it } from '@jest/globals';
import {
  BrokerRefusedError,
  BrokerUnavailableError,
  CorruptRecordsError,
  OffsetOutOfRangeError,
  TopicReplacedError,
  WriterFencedError,
} from '../ports/broker.js';
import { QueryErrors } from './query-errors.js';
import { ForeignStateError } from './restore.js';

const options = { queryId: 'q', clock: { nowMs: () => 5 }, onLog: () => undefined };

it.each([
  ['USER', new BrokerRefusedError('read t-0', 'TOPIC_AUTHORIZATION_FAILED: no', {})],
  ['USER', new ForeignStateError('q')],
  ['SYSTEM', new CorruptRecordsError('t', 0, 1, 2, 'no')],
  ['SYSTEM', new OffsetOutOfRangeError('t', 0, 1)],
  ['SYSTEM', new TopicReplacedError('t')],
  ['SYSTEM', new WriterFencedError('no')],
  ['SYSTEM', new BrokerUnavailableError('no')],
  ['UNKNOWN', new TypeError('no')],
  ['UNKNOWN', 'no'],
])('%s is who has to see to %s', (type, cause) => {
  expect(new QueryErrors(options).failed(cause)).toEqual({
    timestampMs: 5,
    type,
    message: cause instanceof Error ? cause.message : cause,
  });
});
