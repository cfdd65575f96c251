const sequenceMax = 2 ** 31 - 1;

/** The sequence number after `count` records; it begins again at 0 after the largest of 32 bits. */
export const nextSequence = (sequence: number, count: number): number =>
  sequence > sequenceMax - count ? count - (sequenceMax - sequence) - 1 : sequence + count;
