import { describe, expect, it } from '@jest/globals';

interface Format {
  ageText(at: number | null, now: number): string;
  sourceText(source: string | null): string;
}
// A file of the page: served as it is, and known to no compiler.
const page = new URL('../web/format.js', import.meta.url).href;

describe('the age of a value on the page', () => {
  const now = 1_700_000_000_000;
  it.each<[string, number | null, string]>([
    ['nothing', null, 'never'],
    ['this second', now - 1_000, 'just now'],
    ['two clocks that differ by seconds', now + 60_000, 'just now'],
    ['a station whose clock runs ahead', now + 4 * 60_000, 'clock 4 min ahead'],
    ['a minute', now - 61_000, '1 min ago'],
    ['three hours', now - 3 * 3_600_000, '3 h ago'],
  ])('%s', async (_what, at, text) => {
    const { ageText } = (await import(page)) as Format;
    expect(ageText(at, now)).toBe(text);
  });
});

describe('the source of a value on the page', () => {
  it.each<[string | null, string]>([
    ['sensors', 'city sensors'],
    ['one sensor', 'one sensor'],
    ['miami-fl-01', 'sensor miami-fl-01'],
    ['nws', 'weather.gov'],
    ['sample', 'simulated weather'],
    [null, 'no source yet'],
  ])('%s reads "%s"', async (source, text) => {
    const { sourceText } = (await import(page)) as Format;
    expect(sourceText(source)).toBe(text);
  });
});
