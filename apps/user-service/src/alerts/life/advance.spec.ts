import { describe, expect, it } from '@jest/globals';
import { hot, kindsOf, live, minute, read, sampleAt, start, tick } from '../testing/histories.js';
import { newState } from './state.js';

const values = (...pairs: readonly (readonly [number, number])[]) =>
  pairs.map(([minutes, value]) => read(sampleAt(minutes, value)));

describe('the life of an alert', () => {
  it('is raised once the limit was crossed for its delay, for the instant at which the delay ended', () => {
    const { state, transitions } = live(hot, values([0, 91], [5, 92], [12, 91]));
    expect(transitions).toMatchObject([
      { kind: 'raised', startMs: start, atMs: start + 10 * minute, peakValue: 92, value: 92, severity: 'WARNING' },
    ]);
    expect(state.phase).toBe('ACTIVE');
  });

  it('is not raised by what is shorter than its delay, nor at the limit itself', () => {
    const { state, transitions } = live(hot, values([0, 91], [9, 95], [10, 90], [11, 90], [25, 90]));
    expect(transitions).toEqual([]);
    expect(state).toMatchObject({ phase: 'NORMAL', fleeting: 1 });
  });

  it('needs evidence for the whole of its delay', () => {
    const { state, transitions } = live(hot, values([0, 91], [16, 91]), {});
    // 16 minutes without a value: the first one spoke for 15, and that was enough for 10.
    expect(kindsOf(transitions)).toEqual(['raised']);
    expect(state.phase).toBe('ACTIVE');
    const strict = { ...hot, maxGapMs: 6 * minute };
    expect(live(strict, values([0, 91], [7, 91], [13, 91])).transitions).toEqual([]);
    expect(live(strict, values([0, 91], [7, 91], [13, 91], [17, 91])).transitions).toMatchObject([
      { kind: 'raised', startMs: start + 7 * minute },
    ]);
  });

  it('takes no silence for a value, neither of a beginning nor of an end', () => {
    const strict = { ...hot, maxGapMs: 6 * minute };
    expect(live(strict, values([0, 91], [16, 91])).transitions).toEqual([]);
    expect(live(strict, [...values([0, 91]), tick(60)]).transitions).toEqual([]);
    const open = values([0, 91], [5, 91], [10, 91]);
    expect(kindsOf(live(strict, [...open, ...values([11, 80], [22, 80])]).transitions)).toEqual(['raised']);
    expect(live(strict, [...open, ...values([11, 80], [22, 80], [27, 80], [32, 80])]).transitions).toMatchObject([
      { kind: 'raised' },
      { kind: 'cleared', atMs: start + 32 * minute },
    ]);
  });

  it('is over once it was well under the limit for its delay, and noise in the deadband is nothing', () => {
    const noise = values([0, 91], [10, 91], [20, 89], [30, 92], [40, 88.1], [50, 87.9], [55, 88.5], [60, 87]);
    const { state, transitions } = live(hot, [...noise, ...values([66, 86], [71, 87])]);
    expect(transitions).toMatchObject([
      { kind: 'raised' },
      { kind: 'cleared', startMs: start, atMs: start + 70 * minute, peakValue: 92, phase: 'COOLING' },
    ]);
    expect(state).toMatchObject({ phase: 'COOLING', episode: null });
  });

  it('goes on with the same episode when a recovery fails', () => {
    const { state, transitions } = live(hot, values([0, 91], [10, 91], [20, 80], [25, 95]));
    expect(kindsOf(transitions)).toEqual(['raised']);
    expect(state).toMatchObject({ phase: 'ACTIVE', episode: { flaps: 1 } });
  });

  it('escalates when a higher limit was crossed for the delay, drops the acknowledgement, and falls silently', () => {
    const inputs = [
      ...values([0, 91], [10, 91]),
      { kind: 'ack', atMs: start + 11 * minute } as const,
      ...values([20, 101], [30, 102], [40, 97], [50, 101], [60, 101]),
    ];
    const { state, transitions } = live(hot, inputs);
    expect(transitions).toMatchObject([
      { kind: 'raised', level: 0 },
      { kind: 'acknowledged' },
      { kind: 'escalated', level: 1, atMs: start + 30 * minute, severity: 'CRITICAL' },
      { kind: 'updated', level: 0 },
      { kind: 'updated', level: 1 },
    ]);
    expect(state.ackedLevel).toBeNull();
  });

  it('is raised at the highest limit that was crossed all the time', () => {
    expect(live(hot, values([0, 101], [10, 101])).transitions).toMatchObject([{ kind: 'raised', level: 1 }]);
    expect(live(hot, values([0, 101], [4, 95], [5, 101], [10, 101])).transitions).toMatchObject([
      { kind: 'raised', level: 0 },
    ]);
  });

  it('is reopened as a new episode that tells of itself only when the cool-down is over, unless it is worse', () => {
    const once = values([0, 91], [10, 91], [11, 80], [21, 80]);
    const again = live(hot, [...once, ...values([22, 91], [32, 91])]).transitions.at(-1);
    expect(again).toMatchObject({ kind: 'raised', reopened: true, noticeNotBeforeMs: start + 41 * minute });
    const worse = live(hot, [...once, ...values([22, 101], [32, 101])]).transitions.at(-1);
    expect(worse).toMatchObject({ kind: 'raised', reopened: true, noticeNotBeforeMs: null });
    const later = live(hot, [...once, ...values([42, 91], [52, 91])]).transitions.at(-1);
    expect(later).toMatchObject({ kind: 'raised', reopened: false, noticeNotBeforeMs: null });
  });

  it('knows nothing after a silence, which clears nothing, and goes on where data come back', () => {
    const open = values([0, 91], [10, 91], [11, 80]);
    const silent = live(hot, [...open, tick(41), tick(41.1)]);
    expect(silent.transitions).toMatchObject([
      { kind: 'raised' },
      // What it read last speaks for 15 minutes, which is more than the delay of 10: this one is over.
      { kind: 'cleared', atMs: start + 21 * minute },
    ]);
    const stale = live(hot, [...values([0, 91], [10, 91]), tick(40.1), tick(50)]);
    expect(stale.transitions).toMatchObject([
      { kind: 'raised' },
      { kind: 'no-data', atMs: start + 40 * minute, phase: 'UNKNOWN' },
    ]);
    const back = live(hot, values([60, 95]), { state: stale.state });
    expect(back.transitions).toMatchObject([{ kind: 'data-back', phase: 'ACTIVE' }]);
    const gone = live(hot, [tick(40 + 6 * 60 + 1)], { state: stale.state });
    expect(gone.transitions).toMatchObject([{ kind: 'ended', reason: 'no-data', phase: 'NORMAL' }]);
  });

  it('hears a source whose values wait for their watermark', () => {
    const rule = { ...hot, latenessMs: 60 * minute };
    const read10 = values([0, 91], [10, 91]);
    const waiting = [15, 25, 35].map((at) => read(sampleAt(at, 91), start));
    expect(kindsOf(live(rule, [...read10, ...waiting, tick(41)]).transitions)).toEqual(['raised']);
    expect(kindsOf(live(rule, [...read10, tick(41)]).transitions)).toEqual(['raised', 'no-data']);
  });

  it('does not take a value that is said again for a sign of life', () => {
    const open = values([0, 91], [10, 91]);
    const again = read(sampleAt(10, 91, { heardAtMs: start + 39 * minute }));
    const { transitions } = live(hot, [...open, again, tick(41)]);
    expect(kindsOf(transitions)).toEqual(['raised', 'no-data']);
  });

  it('takes no clock for silence while records wait to be read', () => {
    expect(kindsOf(live(hot, [...values([0, 91], [10, 91]), tick(600, false)]).transitions)).toEqual(['raised']);
    expect(kindsOf(live(hot, [...values([0, 91], [9, 91]), tick(15, false)]).transitions)).toEqual([]);
    expect(kindsOf(live(hot, [...values([0, 91], [9, 91]), tick(15)]).transitions)).toEqual(['raised']);
  });

  it('sorts what comes within the lateness and never takes back what it decided', () => {
    const rule = { ...hot, latenessMs: 20 * minute };
    const late = (minutes: number, value: number, atMost: number) =>
      read(sampleAt(minutes, value), start + (atMost - 20) * minute);
    const inputs = [
      late(10, 91, 10),
      late(0, 91, 10),
      late(5, 80, 10),
      late(12, 80, 12),
      late(31, 80, 31),
      late(41, 80, 41),
    ];
    expect(live(rule, inputs).transitions).toEqual([]);
    const tooLate = live(hot, [...values([0, 91], [10, 91]), read(sampleAt(5, 80), start + 10 * minute)]);
    expect(tooLate.state).toMatchObject({ phase: 'ACTIVE', lateSamples: 1 });
  });

  it('finds an episode that is wholly past', () => {
    const inputs = values([100, 70], [50, 91], [55, 93], [60, 91], [60, 91]);
    expect(live(hot, inputs).transitions).toMatchObject([
      { kind: 'late-finding', startMs: start + 50 * minute, atMs: start + 60 * minute, peakValue: 93 },
    ]);
  });

  it('takes the newest revision of an instant', () => {
    const inputs = [read(sampleAt(0, 91)), read(sampleAt(10, 91, { revision: 1 })), read(sampleAt(10, 70))];
    expect(kindsOf(live(hot, inputs).transitions)).toEqual(['raised']);
    const corrected = [read(sampleAt(0, 91)), read(sampleAt(9, 91)), read(sampleAt(9, 70, { revision: 1 }))];
    expect(live(hot, corrected).state.phase).toBe('NORMAL');
  });

  it('keeps quiet on the shelf until its time, then says that it still is', () => {
    const inputs = [
      ...values([0, 91], [10, 91]),
      { kind: 'snooze', atMs: start + 10 * minute, untilMs: start + 30 * minute } as const,
      ...values([20, 101], [29, 101], [31, 99]),
    ];
    expect(live(hot, inputs).transitions).toMatchObject([
      { kind: 'raised', quietBecause: null },
      { kind: 'still-active', quietBecause: null },
      { kind: 'escalated' },
    ]);
    const over = live(hot, [...inputs.slice(0, 3), ...values([11, 80], [21, 80], [31, 80])]).transitions;
    expect(over.map(({ kind, quietBecause }) => [kind, quietBecause])).toEqual([
      ['raised', null],
      ['cleared', 'shelved'],
      ['ended-meanwhile', null],
    ]);
  });

  it('ends a one-shot shelf with the episode, and every shelf within a week', () => {
    const shot = { kind: 'snooze', atMs: start + 10 * minute, untilMs: null } as const;
    const { state, transitions } = live(hot, [...values([0, 91], [10, 91]), shot, ...values([11, 80], [21, 80])]);
    expect(kindsOf(transitions)).toEqual(['raised', 'cleared', 'ended-meanwhile']);
    expect(state.shelf).toBeNull();
    const week = 7 * 24 * 60;
    expect(live(hot, [{ ...shot, untilMs: 9e15 }, tick(week + 9)]).state.shelf).not.toBeNull();
    expect(live(hot, [{ ...shot, untilMs: 9e15 }, tick(week + 10)]).state.shelf).toBeNull();
  });

  it('holds what happens in a maintenance and tells afterwards what still is', () => {
    const on = { kind: 'maintenance', atMs: start, reason: 'sensors are exchanged' } as const;
    const off = { kind: 'maintenance', atMs: start + 15 * minute, reason: null } as const;
    expect(live(hot, [on, ...values([0, 91], [10, 91]), off]).transitions).toMatchObject([
      { kind: 'raised', quietBecause: 'maintenance' },
      { kind: 'still-active', quietBecause: null },
    ]);
    const over = live(hot, [on, ...values([0, 91], [10, 91], [11, 80], [21, 80]), { ...off, atMs: 9e15 }]);
    expect(kindsOf(over.transitions)).toEqual(['raised', 'cleared']);
  });

  it('reminds until it is acknowledged, and so often at most', () => {
    const rule = { ...hot, remindEveryMs: 30 * minute, maxReminders: 2, staleAfterMs: 24 * 60 * minute };
    const ticks = [tick(39), tick(40), tick(41), tick(71), tick(150)];
    const told = live(rule, [...values([0, 91], [10, 91]), ...ticks]).transitions;
    expect(told.map(({ reminder }) => reminder)).toEqual([null, 1, 2]);
    const ack = { kind: 'ack', atMs: start + 20 * minute } as const;
    expect(kindsOf(live(rule, [...values([0, 91], [10, 91]), ack, ...ticks]).transitions)).toEqual([
      'raised',
      'acknowledged',
    ]);
  });

  it('ends with its rule, for that reason, and nothing comes of the old version', () => {
    const open = live(hot, values([0, 91], [10, 91])).state;
    const gone = live(
      hot,
      [{ kind: 'rule-ended', atMs: start, reason: 'person-gone' }, ...values([20, 95], [40, 95])],
      {
        state: open,
      },
    );
    expect(gone.transitions).toMatchObject([{ kind: 'ended', reason: 'person-gone' }]);
    const edited = live({ ...hot, version: 2 }, values([20, 95]), { state: open });
    expect(edited.transitions).toMatchObject([{ kind: 'ended', reason: 'rule-changed', ruleVersion: 1 }]);
    expect(live(hot, values([30, 95], [40, 95]), { state: edited.state }).transitions).toEqual([]);
    expect(live({ ...hot, version: 2 }, values([30, 95]), { state: edited.state }).transitions).toMatchObject([
      { kind: 'raised', ruleVersion: 2, startMs: start + 20 * minute },
    ]);
  });

  it('takes no record twice and no value that is none', () => {
    const first = read(sampleAt(0, 91));
    const { state } = live(hot, [first, read(sampleAt(10, 91))]);
    expect(live(hot, [first, read(sampleAt(11, Number.NaN))], { state }).state).toEqual(state);
  });

  it('starts with a state that survives JSON', () => {
    expect(JSON.parse(JSON.stringify(newState(hot, 'home')))).toEqual(newState(hot, 'home'));
  });
});
