// The sensors of a city that cannot be trusted now, in words.
import { element, setText } from './elements.js';
import { flagList, flagText, flagWords } from './flag-list.js';
import { units } from './format.js';

/**
 * @typedef {{ sensorId: string, status: string, temperatureF: number | null, stationTemperatureF: number | null,
 *   lastReadingAt: number | null, clockOffsetMs: number | null }} FlaggedSensor
 * @typedef {{ sensors: number, flaggedSensors: number, flagged: FlaggedSensor[] }} SensorHealth
 */

/** A line that counts the sensors, and below it each that is flagged. */
export function sensorFlags() {
  const summary = element('p', { class: 'fine' });
  const list = flagList('sensor', 'Sensors that cannot be trusted now', 'a sensor');
  const root = element('div', { class: 'sensor-health' }, [summary, list.root]);

  return {
    root,
    /** @param {SensorHealth} health @param {number} now */
    update({ sensors, flaggedSensors, flagged }, now) {
      list.update(
        flagged.map((sensor) => ({ ...sensor, id: sensor.sensorId })),
        now,
      );
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
  return `${city.name}: sensor ${fresh.sensorId} is ${flagWords[fresh.status]}; it ${flagText(fresh, now)}.`;
}
