import { deviationAggregate } from './deviation.js';

/** Kept as it always was: the variance, in spite of the name. */
export const stddevSamp = deviationAggregate(
  'STDDEV_SAMP',
  'The sample variance, in spite of its name; 0.0 for fewer than two values. Use STDDEV_SAMPLE for the deviation.',
  (variance) => variance,
);
