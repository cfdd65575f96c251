// Words and numbers for people. Nothing here touches the page.

const oneDigit = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/**
 * A value that never goes without its origin, as the service sends it.
 * @typedef {{ value: number | string | null, source: string | null, at: number | null, state: string, staleAfterMs: number }} Figure
 */

/** @type {Record<string, (value: any) => string>} */
export const units = {
  fahrenheit: (value) => `${oneDigit.format(value)} °F`,
  fahrenheitWhole: (value) => `${whole.format(value)} °F`,
  percent: (value) => `${whole.format(value)} %`,
  mph: (value) => `${whole.format(value)} mph`,
  particles: (value) => `${oneDigit.format(value)} µg/m³`,
  count: (value) => whole.format(value),
  text: (value) => String(value),
};

/**
 * The state at this moment: a value grows stale without a word from the service.
 * @param {Figure} figure
 * @param {number} now
 */
export function stateOf({ state, at, staleAfterMs }, now) {
  const isJudgedByAge = state === 'live' || state === 'sample';
  return isJudgedByAge && at !== null && now - at > staleAfterMs ? 'stale' : state;
}

/**
 * @param {Figure} figure
 * @param {keyof typeof units} unit
 */
export function valueText(figure, unit) {
  if (figure.value !== null) return units[unit](figure.value);
  return figure.state === 'unavailable' ? 'not reported' : '–';
}

/**
 * @param {string | null} source
 */
export function sourceText(source) {
  if (source === null) return 'no source yet';
  if (source === 'nws') return 'weather.gov';
  if (source === 'sample') return 'simulated weather';
  if (source === 'sensors') return 'city sensors';
  return source === 'one sensor' ? source : `sensor ${source}`;
}

/**
 * @param {number | null} at
 * @param {number} now
 */
export function ageText(at, now) {
  if (at === null) return 'never';
  const ageMs = now - at;
  // A few seconds are the difference of two clocks; more is a clock that is wrong, and worth a word.
  if (ageMs < -clockSkewMs) return `clock ${durationText(ageMs)} ahead`;
  return ageMs < 1_500 ? 'just now' : `${durationText(ageMs)} ago`;
}

const clockSkewMs = 60_000;

/** @param {number} ms its sign does not matter */
export function durationText(ms) {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 3600)} h`;
  return `${whole.format(Math.round(seconds / 86_400))} days`;
}

/**
 * Source, age and state in one line.
 * @param {Figure} figure
 * @param {number} now
 */
export function originText(figure, now) {
  const state = stateOf(figure, now);
  if (state === 'unknown') return 'nothing reported yet · unknown';
  return `${sourceText(figure.source)} · ${ageText(figure.at, now)} · ${state}`;
}

/**
 * @param {number} time
 * @param {string} timeZone
 */
export function clockText(time, timeZone) {
  return new Date(time).toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit', timeZone });
}

/**
 * A span of time in the words of its place: "3:35 – 3:40 AM".
 * @param {number} start
 * @param {number} end
 * @param {string} timeZone
 */
export function spanText(start, end, timeZone) {
  return new Intl.DateTimeFormat('en-US', { hour: 'numeric', minute: '2-digit', timeZone }).formatRange(start, end);
}
