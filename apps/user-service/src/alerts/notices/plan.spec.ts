import { describe, expect, it } from '@jest/globals';
import { hour, minute } from '../testing/histories.js';
import type { NoticeEvent, NoticeKind, NoticeLine } from './notice.js';
import { newNoticeState, plan, type NoticeState } from './plan.js';
import { checkPolicy, defaultBudget, type PersonPolicy } from './policy.js';
import { wordsOf } from './words.js';

const policy: PersonPolicy = {
  personId: 'ann',
  zone: 'America/New_York',
  quiet: { from: '22:00', to: '07:00' },
  breakThrough: 'CRITICAL',
  digestAt: '07:00',
  ...defaultBudget,
};
const local = (text: string): number => Date.parse(`2026-07-01T${text}:00-04:00`);
const noon = local('12:00');

let ordinal = 0;
function event(
  kind: NoticeKind | 'data-back' | 'acknowledged',
  episodeId: string,
  more: Partial<NoticeLine> & { readonly isHeldBack?: boolean; readonly notBeforeMs?: number } = {},
): NoticeEvent {
  const { isHeldBack = false, notBeforeMs = null, ...fields } = more;
  const key = {
    episodeId,
    kind: kind === 'data-back' || kind === 'acknowledged' ? ('raised' as const) : kind,
    ordinal: ++ordinal,
  };
  const line: NoticeLine = {
    key,
    ruleId: `rule of ${episodeId}`,
    ruleVersion: 1,
    placeId: 'home',
    severity: 'WARNING',
    lifeSafety: false,
    startMs: noon,
    endMs: kind === 'cleared' ? noon + hour : null,
    atMs: noon,
    value: 91,
    peakValue: 93,
    reason: null,
    ...fields,
  };
  return { kind, line, isHeldBack, notBeforeMs };
}

/** Plans step by step and keeps what was sent as `delivery: kinds`. */
function told(steps: readonly (readonly [number, ...NoticeEvent[]])[], of = policy) {
  let state: NoticeState = newNoticeState();
  const sent: string[] = [];
  const outcomes: string[] = [];
  for (const [nowMs, ...events] of steps) {
    const planned = plan(of, state, events, nowMs);
    state = planned.state;
    for (const { delivery, lines } of planned.notices)
      sent.push(`${delivery}: ${lines.map(({ key }) => `${key.episodeId} ${key.kind}`).join(', ')}`);
    outcomes.push(...planned.outcomes.map(({ key, outcome }) => `${key.episodeId} ${key.kind} ${outcome}`));
  }
  return { sent, outcomes, state };
}

describe('what a person is told', () => {
  it('is the beginning at once and the end without a sound', () => {
    const { sent, state } = told([
      [noon, event('raised', 'heat')],
      [noon + hour, event('cleared', 'heat')],
    ]);
    expect(sent).toEqual(['INTERRUPT: heat raised', 'PASSIVE: heat cleared']);
    expect(state).toEqual({ ...newNoticeState(), interruptedMs: [noon] });
  });

  it('does not wait for a clock that was ahead and was put right', () => {
    const ahead = noon + 365 * 24 * hour;
    const { sent } = told([
      [ahead, event('raised', 'heat')],
      [noon, event('raised', 'air')],
      // What was told a moment ago by a replica whose clock is a little ahead counts all the same.
      [noon - 2_000, event('raised', 'wind')],
      [noon - 2_000 + 10 * minute],
      [noon + 10 * minute],
    ]);
    expect(sent).toEqual(['INTERRUPT: heat raised', 'INTERRUPT: air raised', 'INTERRUPT: wind raised']);
  });

  it('is no end of what it was not told of', () => {
    const { sent } = told([
      [noon, event('raised', 'heat', { isHeldBack: true })],
      [noon + hour, event('cleared', 'heat')],
    ]);
    expect(sent).toEqual([]);
  });

  it('waits for the end of the quiet hours, and what came and went in them is one line', () => {
    const { sent, outcomes } = told([
      [local('23:00'), event('raised', 'heat')],
      [local('23:30'), event('raised', 'air')],
      [local('23:59'), event('cleared', 'heat')],
      [local('06:59') + 24 * hour],
      [local('07:00') + 24 * hour],
      [local('07:00') + 48 * hour],
    ]);
    expect(sent).toEqual(['DIGEST: air raised, heat was']);
    expect(outcomes).toEqual(['heat raised folded', 'air raised sent', 'heat was sent']);
  });

  it('passes the quiet hours when it is severe enough, or saves lives', () => {
    const { sent } = told([
      [local('23:00'), event('raised', 'heat', { severity: 'CRITICAL' })],
      [local('23:01'), event('raised', 'tornado', { severity: 'INFO', lifeSafety: true })],
      [local('23:02'), event('raised', 'air', { severity: 'CRITICAL' })],
      [local('23:09')],
      [local('23:10')],
    ]);
    expect(sent).toEqual(['INTERRUPT: heat raised', 'INTERRUPT: tornado raised', 'INTERRUPT: air raised']);
  });

  it('rises out of the quiet hours when what waits gets worse', () => {
    const { sent, outcomes } = told([
      [local('23:00'), event('raised', 'heat')],
      [local('23:30'), event('escalated', 'heat', { severity: 'CRITICAL' })],
    ]);
    expect(sent).toEqual(['INTERRUPT: heat raised']);
    expect(outcomes).toEqual(['heat escalated folded', 'heat raised sent']);
  });

  it('is one interruption in ten minutes, with everything that fired meanwhile', () => {
    const many = ['a', 'b', 'c', 'd'].map((name) => event('raised', name));
    const { sent } = told([
      [noon, ...many],
      [noon + minute, event('raised', 'e'), event('raised', 'f')],
      [noon + 10 * minute],
    ]);
    expect(sent).toEqual(['INTERRUPT: a raised, b raised, c raised, d raised', 'INTERRUPT: e raised, f raised']);
  });

  it('is six interruptions a day, and the rest in the digest', () => {
    const steps = Array.from({ length: 9 }, (_, i) => [noon + i * hour, event('raised', `e${i}`)] as const);
    const { sent } = told([...steps, [local('07:00') + 24 * hour]]);
    expect(sent.filter((text) => text.startsWith('INTERRUPT'))).toHaveLength(6);
    expect(sent.at(-1)).toBe('DIGEST: e6 raised, e7 raised, e8 raised');
  });

  it('waits for the end of a cool-down, and is one line when it was over before', () => {
    const begin = event('raised', 'heat', { notBeforeMs: noon + 20 * minute });
    expect(told([[noon, begin], [noon + 20 * minute]]).sent).toEqual(['INTERRUPT: heat raised']);
    const over = told([[noon, begin], [noon + 15 * minute, event('cleared', 'heat')], [noon + 30 * hour]]);
    expect(over.sent).toEqual(['DIGEST: heat was']);
  });

  it('is one loss of data for a place, however many rules it has', () => {
    const { sent } = told([
      [noon, event('raised', 'heat'), event('raised', 'air')],
      [noon + hour, event('no-data', 'heat'), event('no-data', 'air')],
      [noon + 2 * hour, event('data-back', 'heat'), event('data-back', 'air')],
      [noon + 3 * hour, event('no-data', 'heat')],
    ]);
    expect(sent.slice(1)).toEqual(['INTERRUPT: heat no-data', 'INTERRUPT: heat no-data']);
  });

  it('is withdrawn when its reason is gone before it was told', () => {
    const { sent, outcomes, state } = told([
      [local('23:00'), event('raised', 'heat'), event('raised', 'air'), event('raised', 'cold')],
      [local('23:01'), event('acknowledged', 'heat')],
      [local('23:02'), { kind: 'rule-ended', ruleId: 'rule of air', version: 1 }],
      [local('23:03'), event('cleared', 'air')],
      [local('07:00') + 24 * hour],
    ]);
    expect(sent).toEqual(['DIGEST: cold raised']);
    expect(outcomes).toEqual(['heat raised withdrawn', 'air raised withdrawn', 'cold raised sent']);
    expect(state.told).toEqual(['heat', 'cold']);
  });

  it('is bounded, and says how much it leaves out', () => {
    const many = Array.from({ length: 210 }, (_, i) => event('raised', `e${i}`));
    const { state } = told([[local('23:00'), ...many]]);
    expect(state).toMatchObject({ more: 10 });
    expect(state.held).toHaveLength(200);
    expect(plan(policy, state, [], local('07:00') + 24 * hour).notices).toMatchObject([{ more: 10 }]);
  });

  it('has words of its own for each end', () => {
    const wording = { what: 'It', limit: 'above 90 °F', value: String, time: () => '12:00' };
    const words = (kind: NoticeKind, more: Partial<NoticeLine> = {}) => {
      const noticed = event(kind, 'x', { endMs: noon, ...more });
      return noticed.kind === 'rule-ended' ? '' : wordsOf(noticed.line, wording);
    };
    expect(words('cleared')).toBe('It is no longer above 90 °F, since 12:00.');
    expect(words('ended', { reason: 'no-data' })).toMatch(/not known/);
    expect(words('ended-meanwhile')).toMatch(/ended while the alert was snoozed/);
    expect(words('still-active')).toBe('It is still above 90 °F, since 12:00: the alert was held until now. It is 91.');
    const ends = ['cancelled', 'expired', 'upgraded', 'no-longer-listed'].map((reason) => words('cleared', { reason }));
    expect(new Set(ends).size).toBe(4);
  });

  it('is asked for in a way that can be followed', () => {
    expect(checkPolicy(policy)).toEqual([]);
    const wrong = { ...policy, zone: 'Mars/Base', quiet: { from: '25:00', to: '25:00' }, perDay: 0 };
    expect(checkPolicy(wrong)).toHaveLength(5);
  });
});
