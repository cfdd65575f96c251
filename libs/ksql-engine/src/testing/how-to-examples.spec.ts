import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { KsqlTestDriver, ManualClock } from './index.js';

/** The spec that docs/how-to/test-sql-in-jest.md shows, run as it stands there. */
const page = readFileSync(join(import.meta.dirname, '../../../../docs/how-to/test-sql-in-jest.md'), 'utf8');
const spec = (/```ts\n([\s\S]*?)```/.exec(page)?.[1] ?? '').replace(/^import .*$/gm, '');
const register = new Function('describe', 'expect', 'it', 'KsqlTestDriver', 'ManualClock', spec) as (
  ...names: readonly unknown[]
) => void;

register(describe, expect, it, KsqlTestDriver, ManualClock);

describe('the how-to page', () => {
  it('shows a spec', () => {
    expect(spec).toContain('new KsqlTestDriver()');
  });
});
