// Pieces that cards are made of. Each returns its element and an update function.
import { element, setAttribute, setText } from './elements.js';
import { ageText, originText, sourceText, stateOf, valueText } from './format.js';

/** @typedef {import('./format.js').Figure} Figure */

/**
 * One number with its name. Source, time and state are on the element for whoever asks; the group's line shows them.
 * @param {string} label
 * @param {string} unit
 */
export function namedFigure(label, unit) {
  const value = element('dd', { class: 'value' });
  const root = element('div', { class: 'figure' }, [element('dt', {}, [label]), value]);
  return {
    root,
    /** @param {Figure} figure @param {number} now */
    update(figure, now) {
      setText(value, valueText(figure, unit));
      describe(value, figure, now);
    },
  };
}

/**
 * The line under a group: who says so, how long ago, and how far to trust it.
 */
export function originLine() {
  const text = element('span');
  const badge = element('span', { class: 'badge' });
  const root = element('p', { class: 'origin' }, [badge, text]);
  return {
    root,
    /** @param {Figure} figure @param {number} now @param {string} [note] @param {string | null} [why] why it gets no younger */
    update(figure, now, note, why) {
      const state = stateOf(figure, now);
      setText(badge, state);
      setAttribute(badge, 'data-state', state);
      const origin =
        figure.at === null ? 'nothing reported yet' : `${sourceText(figure.source)} · ${ageText(figure.at, now)}`;
      const reason = state === 'stale' || state === 'unknown' ? why : null;
      setText(text, [origin, note, reason].filter(Boolean).join(' · '));
    },
  };
}

/**
 * The air quality chip: number and word, never colour alone.
 */
export function airChip() {
  const number = element('span', { class: 'aqi-number' });
  const word = element('span', { class: 'aqi-word' });
  const chip = element('p', { class: 'aqi' }, [
    element('span', { class: 'visually-hidden' }, ['Air quality index ']),
    number,
    word,
  ]);
  const averaging = element('p', { class: 'fine' });
  const root = element('div', { class: 'air' }, [chip, averaging]);
  return {
    root,
    /** @param {Figure & { band: number | null, category: string | null, averaging: string }} air @param {number} now @param {string | null} [why] why it gets no younger */
    update(air, now, why) {
      const isKnown = air.value !== null;
      setAttribute(chip, 'data-band', isKnown ? String(air.band) : null);
      setText(number, isKnown ? `AQI ${air.value}` : 'AQI –');
      setText(
        word,
        isKnown ? String(air.category) : air.state === 'unavailable' ? 'no sensor to trust' : 'not known yet',
      );
      const state = stateOf(air, now);
      const old = state === 'stale' ? `, last known ${ageText(air.at, now)}` : '';
      setText(averaging, [`PM2.5, ${air.averaging}${old}`, state === 'live' ? null : why].filter(Boolean).join(' · '));
      describe(chip, air, now);
    },
  };
}

/**
 * @param {Element} node
 * @param {Figure} figure
 * @param {number} now
 */
export function describe(node, figure, now) {
  setAttribute(node, 'data-state', stateOf(figure, now));
  setAttribute(node, 'data-source', figure.source ?? '');
  setAttribute(node, 'data-at', figure.at === null ? '' : new Date(figure.at).toISOString());
  setAttribute(node, 'title', originText(figure, now));
}
