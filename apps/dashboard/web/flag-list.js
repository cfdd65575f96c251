// What cannot be trusted now and why, in words: one vocabulary for sensors and stations.
import { element, setAttribute, setText } from './elements.js';
import { ageText, durationText, units } from './format.js';

/**
 * @typedef {{ id: string | null, status: string, temperatureF?: number | null, stationTemperatureF?: number | null,
 *   lastReadingAt: number | null, clockOffsetMs: number | null }} Flagged
 */

/** @type {Record<string, string>} */
export const flagWords = {
  SILENT: 'silent',
  STUCK: 'stuck',
  IMPOSSIBLE: 'impossible',
  EMPTY: 'empty',
  FAR: 'far from the station',
  CLOCK_AHEAD: 'ahead of time',
  CLOCK_BEHIND: 'behind time',
};

/** @param {number | null | undefined} value */
const degrees = (value) => (value == null ? 'no temperature' : units['fahrenheit']?.(value));

/**
 * What is wrong, as the rest of a sentence that begins with an id.
 * @param {Omit<Flagged, 'id'>} flagged
 * @param {number} now
 */
export function flagText({ status, temperatureF, stationTemperatureF, lastReadingAt, clockOffsetMs }, now) {
  switch (status) {
    case 'SILENT':
      return `last spoke ${ageText(lastReadingAt, now)}`;
    case 'STUCK':
      return `repeats one reading, ${degrees(temperatureF)}`;
    case 'IMPOSSIBLE':
      return 'reports what no instrument measures';
    case 'EMPTY':
      return 'reports no value at all';
    case 'CLOCK_AHEAD':
      return `has a clock that is ${durationText(clockOffsetMs ?? 0)} ahead`;
    case 'CLOCK_BEHIND':
      return `is ${durationText(clockOffsetMs ?? 0)} behind its neighbours: its clock, or its readings come late`;
    default:
      return `reads ${degrees(temperatureF)}, the official station ${degrees(stationTemperatureF)}`;
  }
}

/**
 * A line for each that is flagged, hidden while none is.
 * @param {'sensor' | 'station'} what
 * @param {string} label
 * @param {string} unnamed how one without an id is called
 */
export function flagList(what, label, unnamed) {
  const root = element('ul', { class: 'flags', 'aria-label': label });
  /** @type {Map<string, { root: HTMLElement, badge: HTMLElement, text: HTMLElement }>} */
  const rows = new Map();
  /** @param {Flagged} flagged one may be flagged for several things at once */
  const keyOf = ({ id, status }) => (what === 'sensor' ? `${id}` : `${id} ${status}`);

  /** @param {Flagged} flagged */
  function rowOf(flagged) {
    const known = rows.get(keyOf(flagged));
    if (known !== undefined) return known;
    const badge = element('span', { class: 'badge' });
    const text = element('span');
    const hidden = element('span', { class: 'visually-hidden' }, [`Warning, ${what} `]);
    const name = flagged.id ?? unnamed;
    const row = { root: element('li', { [`data-${what}`]: name }, [hidden, badge, ' ', text]), badge, text };
    rows.set(keyOf(flagged), row);
    return row;
  }

  return {
    root,
    /** @param {Flagged[]} flagged @param {number} now */
    update(flagged, now) {
      for (const [key, row] of rows) {
        if (flagged.some((each) => keyOf(each) === key)) continue;
        row.root.remove();
        rows.delete(key);
      }
      for (const [index, each] of flagged.entries()) {
        const row = rowOf(each);
        setAttribute(row.root, 'data-status', each.status);
        setText(row.badge, flagWords[each.status] ?? each.status);
        setAttribute(row.badge, 'data-state', 'stale');
        setText(row.text, `${each.id ?? unnamed} ${flagText(each, now)}`);
        if (root.children[index] !== row.root) root.insertBefore(row.root, root.children[index] ?? null);
      }
      root.hidden = flagged.length === 0;
    },
  };
}
