import { describe, expect, it } from '@jest/globals';
import { epochMs } from '@isobar/contracts';
import { hour, minute, start } from '../testing/histories.js';
import { leaveCity, newOfficialState, takeWarning, type OfficialState, type WarningRow } from './official-warnings.js';
import { newNoticeState, plan } from './plan.js';
import { defaultBudget } from './policy.js';

const code = 'KLOT.HT.Y.0007';
function row(city: string, atMinutes: number, more: Partial<WarningRow> & { readonly id?: string } = {}): WarningRow {
  const { id = code, ...fields } = more;
  return {
    key: `${city}/${id}`,
    city_key: city,
    status: 'active',
    event: 'Heat Advisory',
    severity: 'Moderate',
    certainty: 'Likely',
    urgency: 'Expected',
    starts_at: epochMs(start),
    ends_at: epochMs(start + 8 * hour),
    issued_at: epochMs(start + atMinutes * minute),
    fetched_at: epochMs(start + (atMinutes + 1) * minute),
    ...fields,
  };
}

function taken(rows: readonly WarningRow[], nowMs = start) {
  let state: OfficialState = newOfficialState();
  const lines: string[] = [];
  const keys = new Set<string>();
  for (const one of rows) {
    const next = takeWarning(state, one, nowMs);
    state = JSON.parse(JSON.stringify(next.state)) as OfficialState;
    for (const event of next.events) {
      if (event.kind === 'rule-ended') continue;
      lines.push([event.kind, event.line.reason].filter((part) => part !== null).join(' '));
      keys.add(JSON.stringify(event.line.key));
    }
  }
  expect(keys.size).toBe(lines.length);
  return { state, lines };
}

describe('official warnings', () => {
  it('are one notice for an event, however many cities and messages it has', () => {
    const { lines } = taken([
      row('chicago-il', 0),
      row('joliet-il', 0),
      row('chicago-il', 10),
      row('joliet-il', 20),
      row('chicago-il', 30, { ends_at: epochMs(start + 8.5 * hour) }),
    ]);
    expect(lines).toEqual(['raised']);
  });

  it('are over when they are over in all cities of the person, by the word that ended them', () => {
    for (const status of ['cancelled', 'expired', 'no-longer-listed']) {
      const rows = [row('chicago-il', 0), row('joliet-il', 0), row('joliet-il', 10, { status })];
      expect(taken(rows).lines).toEqual(['raised']);
      expect(taken([...rows, row('chicago-il', 20, { status })]).lines).toEqual(['raised', `cleared ${status}`]);
    }
    const upgraded = [row('chicago-il', 0), row('chicago-il', 5, { status: 'upgraded' })];
    expect(taken(upgraded).lines).toEqual(['raised', 'ended upgraded']);
  });

  it('are told again when they get more severe or more certain, and for nothing else', () => {
    const { lines } = taken([
      row('chicago-il', 0),
      row('chicago-il', 1, { severity: 'Severe' }),
      row('chicago-il', 2, { severity: 'Severe' }),
      row('chicago-il', 3, { severity: 'Minor', ends_at: epochMs(start + 9 * hour) }),
      row('chicago-il', 4, { severity: 'Severe', certainty: 'Observed' }),
      row('chicago-il', 5, { certainty: 'Possible', ends_at: null }),
      row('chicago-il', 6, { severity: 'Severe', certainty: 'Observed' }),
    ]);
    expect(lines).toEqual(['raised', 'changed', 'changed']);
  });

  it('take no old copy, no repetition and no replay for news', () => {
    const rows = [row('chicago-il', 0), row('chicago-il', 10), row('chicago-il', 20, { status: 'cancelled' })];
    // Ended by an absence: the message is still the last one, and only the poller's clock is newer.
    const expired = row('chicago-il', 30, {
      id: 'KLOT.FA.W.0001',
      fetched_at: epochMs(start + hour),
      status: 'expired',
    });
    const begun = row('chicago-il', 30, { id: 'KLOT.FA.W.0001' });
    const all = [...rows, begun, expired];
    expect(taken([...all, ...all, ...all.toReversed()]).lines).toEqual([
      'raised',
      'cleared cancelled',
      'raised',
      'cleared expired',
    ]);
  });

  it('are another event when a number comes back in another year, and the same while it is open', () => {
    const year = 365 * 24 * 60;
    const ended = row('chicago-il', 10, { status: 'expired' });
    const later = { ends_at: epochMs(start + (year + 60) * minute) };
    const { lines } = taken([row('chicago-il', 0), ended, row('chicago-il', year, later)]);
    expect(lines).toEqual(['raised', 'cleared expired', 'raised']);
    expect(taken([row('chicago-il', 0, { ends_at: null }), row('chicago-il', year, { ends_at: null })]).lines).toEqual([
      'raised',
    ]);
  });

  it('are silent where they are past already, and delivered when nobody knows what they are', () => {
    expect(taken([row('chicago-il', 0)], start + 9 * hour).lines).toEqual([]);
    const strange = { id: 'KLOT.ZZ.Q.0001', severity: 'Unheard of', urgency: '?' };
    expect(taken([row('chicago-il', 0, strange)]).lines).toEqual(['raised']);
  });

  it('leave with the city, and what waits of them is withdrawn', () => {
    const { state, events } = takeWarning(newOfficialState(), row('chicago-il', 0), start);
    const policy = {
      personId: 'ann',
      zone: 'UTC',
      quiet: { from: '11:00', to: '13:00' },
      breakThrough: null,
      digestAt: '07:00',
      ...defaultBudget,
    };
    const held = plan(policy, newNoticeState(), events, start);
    expect(held.state.held).toHaveLength(1);
    const left = leaveCity(state, 'chicago-il');
    expect(left.state.events).toEqual({});
    expect(plan(policy, held.state, left.events, start).state.held).toEqual([]);
    const two = taken([row('chicago-il', 0), row('joliet-il', 0)]).state;
    expect(leaveCity(two, 'chicago-il').events).toEqual([]);
  });

  it('pass quiet hours when they save lives', () => {
    const night = {
      personId: 'a',
      zone: 'UTC',
      quiet: { from: '11:00', to: '13:00' },
      breakThrough: null,
      digestAt: '07:00',
    };
    const tornado = row('chicago-il', 0, { id: 'KLOT.TO.W.0001', severity: 'Severe', urgency: 'Immediate' });
    const { events } = takeWarning(newOfficialState(), tornado, start);
    const { notices } = plan({ ...night, ...defaultBudget }, newNoticeState(), events, start);
    expect(notices).toMatchObject([{ delivery: 'INTERRUPT' }]);
  });

  it('are forgotten a week after their end', () => {
    const ended = taken([row('chicago-il', 0), row('chicago-il', 1, { status: 'expired' })]).state;
    const other = row('chicago-il', 9 * 24 * 60, { id: 'KLOT.WC.W.0002', ends_at: null });
    expect(Object.keys(takeWarning(ended, other, other.fetched_at).state.events)).toEqual(['KLOT.WC.W.0002']);
    expect(Object.keys(takeWarning(ended, other, start + 2 * hour).state.events)).toHaveLength(2);
  });
});
