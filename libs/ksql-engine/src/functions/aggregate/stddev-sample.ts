import { deviationAggregate } from './deviation.js';

export const stddevSample = deviationAggregate(
  'STDDEV_SAMPLE',
  'The sample standard deviation; 0.0 for fewer than two values.',
  Math.sqrt,
);
