import { describe, expect, it } from '@jest/globals';
import { fuzzParser } from '../../simulation/fuzz-parser.js';

/** FUZZ_STATEMENTS sets the number of texts, FUZZ_SEED where they start. */
const count = Number(process.env.FUZZ_STATEMENTS ?? 4000);
const seed = Number(process.env.FUZZ_SEED ?? 20_260_101);

describe('the parser and broken statements', () => {
  it('refuses with its own error, or gives a tree that printing does not change', () => {
    const { accepted, refused } = fuzzParser(seed, count);
    expect(accepted + refused).toBe(count);
    expect(accepted).toBeGreaterThan(count / 50);
  }, 3_600_000);
});
