// The sensors of a city that cannot be trusted now, in words.
import { element, setAttribute, setText } from './elements.js';
import { ageText, durationText, units } from './format.js';

/**
 * @typedef {{ sensorId: string, status: string, temperatureF: number | null, stationTemperatureF: number | null,
 *   lastReadingAt: number | null, clockOffsetMs: number | null }} FlaggedSensor
 * @typedef {{ sensors: number, flaggedSensors: number, flagged: FlaggedSensor[] }} SensorHealth
 */

/** @type {Record<string, string>} */
const words = {
  SILENT: 'silent',
  STUCK: 'stuck',
  IMPOSSIBLE: 'impossible',
  EMPTY: 'empty',
  FAR: 'far from the station',
  CLOCK_AHEAD: 'ahead of time',
  CLOCK_BEHIND: 'behind time',
};

/** @param {number | null} value */
const degrees = (value) => (value === null ? 'no temperature' : units['fahrenheit']?.(value));

/**
 * What is wrong with a sensor, as the rest of a sentence that begins with its id.
 * @param {FlaggedSensor} sensor
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

/** A line that counts the sensors, and below it each that is flagged. */
export function sensorFlags() {
  const summary = element('p', { class: 'fine' });
  const list = element('ul', { class: 'flags', 'aria-label': 'Sensors that cannot be trusted now' });
  /** @type {Map<string, { root: HTMLElement, badge: HTMLElement, text: HTMLElement }>} */
  const rows = new Map();
  const root = element('div', { class: 'sensor-health' }, [summary, list]);

  /** @param {string} sensorId */
  function rowOf(sensorId) {
    const known = rows.get(sensorId);
    if (known !== undefined) return known;
    const badge = element('span', { class: 'badge' });
    const text = element('span');
    const hidden = element('span', { class: 'visually-hidden' }, ['Warning, sensor ']);
    const row = { root: element('li', { 'data-sensor': sensorId }, [hidden, badge, ' ', text]), badge, text };
    rows.set(sensorId, row);
    return row;
  }

  return {
    root,
    /** @param {SensorHealth} health @param {number} now */
    update({ sensors, flaggedSensors, flagged }, now) {
      for (const [id, row] of rows) {
        if (flagged.some(({ sensorId }) => sensorId === id)) continue;
        row.root.remove();
        rows.delete(id);
      }
      for (const [index, sensor] of flagged.entries()) {
        const row = rowOf(sensor.sensorId);
        setAttribute(row.root, 'data-status', sensor.status);
        setText(row.badge, words[sensor.status] ?? sensor.status);
        setAttribute(row.badge, 'data-state', 'stale');
        setText(row.text, `${sensor.sensorId} ${flagText(sensor, now)}`);
        if (list.children[index] !== row.root) list.insertBefore(row.root, list.children[index] ?? null);
      }
      list.hidden = flagged.length === 0;
      setText(summary, summaryText(sensors, flaggedSensors, flagged.length));
    },
  };
}

/**
 * @param {number} sensors
 * @param {number} flagged
 * @param {number} named
 */
function summaryText(sensors, flagged, named) {
  if (sensors === 0) return 'No sensor has been checked yet';
  const all = sensors === 1 ? '1 sensor' : `${units['count']?.(sensors)} sensors`;
  if (flagged === 0) return `${all}, none flagged`;
  const rest = flagged > named ? `, the first ${named} of them:` : ':';
  return `${units['count']?.(flagged)} of ${all} flagged and left out of the averages${rest}`;
}

/**
 * The sentence for a screen reader when a sensor of a city became flagged or another flag took its place; undefined when none did.
 * @param {any} before
 * @param {any} city
 * @param {number} now
 */
export function newFlagSentence(before, city, now) {
  /** @type {FlaggedSensor[]} */
  const known = before?.sensorHealth.flagged ?? [];
  /** @type {FlaggedSensor[]} */
  const flagged = city.sensorHealth.flagged;
  const fresh = flagged.find(
    ({ sensorId, status }) => !known.some((each) => each.sensorId === sensorId && each.status === status),
  );
  if (before === undefined || fresh === undefined) return undefined;
  return `${city.name}: sensor ${fresh.sensorId} is ${words[fresh.status]}; it ${flagText(fresh, now)}.`;
}
