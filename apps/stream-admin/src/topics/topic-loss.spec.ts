import { expect, it } from '@jest/globals';
import { describeLoss, type TopicLoss } from './topic-loss.js';

const loss: TopicLoss = {
  noticedAt: '2026-01-01T00:00:00.000Z',
  what: 'replaced',
  records: 1,
  madeAgainAt: null,
  consequence: 'its readers begin anew',
  acknowledgedAt: null,
};

it('accuses nobody: a producer of our own may have made the topic again before we did', () => {
  expect(describeLoss('iot-sensors', loss)).toBe(
    'topic iot-sensors was deleted and made again by another program than stream-admin (seen at 2026-01-01T00:00:00Z), ' +
      'up to 1 record of history are gone; its readers begin anew',
  );
  expect(describeLoss('iot-sensors', { ...loss, what: 'deleted', records: null })).toBe(
    'topic iot-sensors was deleted (seen at 2026-01-01T00:00:00Z), its history is gone; it is being made again; its readers begin anew',
  );
});
