import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RequestBudget } from './request-budget.js';

const nowMs = 1_700_000_000_000;
const hourMs = 3_600_000;

describe('the daily budget', () => {
  const folder = mkdtempSync(join(tmpdir(), 'budget-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds over a restart', () => {
    const file = join(folder, 'a', 'budget.json');
    const first = new RequestBudget(3, file);
    first.take(nowMs);
    first.take(nowMs);
    first.giveBack(nowMs);
    first.take(nowMs + hourMs);
    const second = new RequestBudget(3, file);
    expect(second.usedAt(nowMs + hourMs)).toBe(2);
    second.take(nowMs + hourMs);
    expect(() => new RequestBudget(3, file).take(nowMs + hourMs)).toThrow('NWS_DAILY_BUDGET');
    // A day later the requests of the first hour no longer count.
    expect(new RequestBudget(3, file).usedAt(nowMs + 24 * hourMs)).toBe(2);
  });

  it('begins anew where the file is damaged', () => {
    const file = join(folder, 'damaged.json');
    writeFileSync(file, '[{"startMs":');
    expect(new RequestBudget(3, file).usedAt(nowMs)).toBe(0);
  });
});
