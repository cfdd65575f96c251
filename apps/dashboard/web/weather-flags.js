// What of the weather of a city cannot be trusted now, in words.
import { element, setText } from './elements.js';
import { flagList } from './flag-list.js';
import { stateOf, units } from './format.js';

/**
 * @typedef {{ stationId: string | null, status: string, lastReadingAt: number | null, clockOffsetMs: number | null }} FlaggedStation
 * @typedef {{ observations: number, flaggedObservations: number, flagged: FlaggedStation[] }} WeatherHealth
 */

/** A line that counts the observations, and below it each station that is flagged. */
export function weatherFlags() {
  const summary = element('p', { class: 'fine' });
  const list = flagList('station', 'Weather that cannot be trusted now', 'the weather');
  const root = element('div', { class: 'weather-health' }, [summary, list.root]);
  return {
    root,
    /** @param {WeatherHealth} health @param {any} temperature the figure that tells how old the weather is @param {number} now */
    update({ observations, flaggedObservations, flagged }, temperature, now) {
      const others = flagged.filter(({ status }) => status !== 'SILENT');
      // It falls silent without any news.
      const silent = stateOf(temperature, now) === 'stale' ? [silence(temperature.at)] : [];
      list.update(
        [...silent, ...others].map((each) => ({ ...each, id: each.stationId })),
        now,
      );
      summary.hidden = observations === 0;
      setText(summary, summaryText(observations, flaggedObservations));
    },
  };
}

/** @param {number} at @returns {FlaggedStation} */
const silence = (at) => ({ stationId: null, status: 'SILENT', lastReadingAt: at, clockOffsetMs: null });

/** @param {number} observations @param {number} flagged */
function summaryText(observations, flagged) {
  const all = observations === 1 ? '1 observation' : `${units['count']?.(observations)} observations`;
  return flagged === 0 ? `${all}, none flagged` : `${units['count']?.(flagged)} of ${all} flagged and left out`;
}
