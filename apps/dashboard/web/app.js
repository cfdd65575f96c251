import { cityCard } from './city-card.js';
import { byId, element, setAttribute, setText } from './elements.js';
import { liveFeed } from './live-feed.js';
import { personPanel, personSentence } from './person-panel.js';
import { newFlagSentence } from './sensor-flags.js';

const startedAt = Date.now();
const state = {
  /** @type {Map<string, any>} */
  cities: new Map(),
  /** @type {any[]} */
  people: [],
  /** undefined: not known yet; null: gone. */
  user: /** @type {any} */ (undefined),
  chosen: new URLSearchParams(location.hash.slice(1)).get('user') ?? '',
  sentence: '',
  hasSnapshot: false,
  isLive: false,
  lastBeatAt: 0,
  /** Server clock minus ours, so that ages are right on a machine whose clock is off. */
  clockOffsetMs: 0,
  isPaused: false,
  pausedAt: 0,
};

/** @type {Map<string, ReturnType<typeof cityCard>>} */
const cards = new Map();
const panel = personPanel();
const feed = liveFeed({ onData, onConnection });

const serverNow = () => (state.isPaused ? state.pausedAt : Date.now() + state.clockOffsetMs);

/**
 * @param {'snapshot' | 'changes' | 'beat'} kind
 * @param {any} data
 */
function onData(kind, data) {
  state.clockOffsetMs = data.now - Date.now();
  state.lastBeatAt = Date.now();
  if (kind === 'beat') {
    state.sentence = data.sentence;
  } else {
    if (kind === 'snapshot') {
      state.cities = new Map();
      state.hasSnapshot = true;
    }
    for (const city of data.cities) noteCity(city);
    if (data.people) state.people = data.people;
    if (data.user !== undefined) noteUser(data.user);
  }
  if (!state.isPaused) draw();
  if (kind === 'snapshot') drawConnection();
}

/** @param {any} city */
function noteCity(city) {
  const flagged = newFlagSentence(state.cities.get(city.id), city, serverNow());
  state.cities.set(city.id, city);
  if (flagged !== undefined) announce(flagged);
}

/** @param {any} user */
function noteUser(user) {
  const before = state.user;
  state.user = user;
  if (before && user && before.id === user.id && (before.comfort !== user.comfort || before.air !== user.air)) {
    announce(personSentence(user));
  }
}

/** @param {boolean} isLive */
function onConnection(isLive) {
  if (isLive === state.isLive) return;
  if (!isLive && state.lastBeatAt > 0) announce('Connection to the server lost. Trying again.');
  if (isLive && state.hasSnapshot) announce('Connected again.');
  state.isLive = isLive;
  drawConnection();
}

function draw() {
  const now = serverNow();
  setText(byId('sentence'), state.sentence === '' ? 'Live conditions' : state.sentence);
  drawCities(now);
  panel.updatePeople(state.people, state.chosen);
  panel.updateConditions(state.chosen === '' ? undefined : state.user, state.chosen, state.people.length > 0, now);
}

/** @param {number} now */
function drawCities(now) {
  for (const [id, card] of cards) {
    if (state.cities.has(id)) continue;
    card.root.remove();
    cards.delete(id);
  }
  for (const [id, city] of state.cities) {
    let card = cards.get(id);
    if (card === undefined) {
      card = cityCard(city);
      cards.set(id, card);
      byId('cities').append(card.root);
    }
    card.update(city, now);
  }
  drawCitiesState();
}

/** Nothing at first, so that a quick answer does not flash; then words, then what is waited for. */
function drawCitiesState() {
  const hint = byId('cities-state');
  const waitedMs = Date.now() - startedAt;
  hint.hidden = state.hasSnapshot ? state.cities.size > 0 : waitedMs < 300;
  if (state.hasSnapshot) setText(hint, 'No cities yet. Add one to start watching: isobar city add "Seattle" WA.');
  else if (waitedMs < 5_000) setText(hint, 'Loading cities…');
  else setText(hint, `Still waiting for the dashboard service to answer (${Math.round(waitedMs / 1000)} s).`);
}

function drawConnection() {
  const silentMs = Date.now() - state.lastBeatAt;
  const pill = byId('connection');
  const banner = byId('banner');
  const isDim = !state.isLive && state.lastBeatAt > 0 && silentMs > 10_000;
  setAttribute(document.documentElement, 'data-offline', isDim ? 'true' : null);
  if (state.isPaused) {
    setAttribute(pill, 'data-connection', 'paused');
    setText(byId('connection-text'), 'Paused');
  } else if (state.isLive) {
    setAttribute(pill, 'data-connection', 'live');
    setText(byId('connection-text'), `Live · ${newestAgeText()}`);
  } else if (state.lastBeatAt === 0) {
    setAttribute(pill, 'data-connection', 'connecting');
    setText(byId('connection-text'), 'Connecting');
  } else {
    setAttribute(pill, 'data-connection', isDim ? 'lost' : 'reconnecting');
    const seconds = Math.round(silentMs / 1000);
    setText(byId('connection-text'), isDim ? `Lost for ${seconds} s` : `Reconnecting, last data ${seconds} s ago`);
  }
  if (banner.hidden !== !isDim) {
    banner.hidden = !isDim;
    const retry = element('button', { type: 'button' }, ['Try now']);
    retry.addEventListener('click', () => feed.retry());
    const shown = new Date(state.lastBeatAt).toLocaleTimeString('en-US');
    banner.replaceChildren(`Connection to the server lost. Showing ${shown}. Trying again by itself. `, retry);
  }
}

/** How old the newest sensor value is, which is what "live" promises. */
function newestAgeText() {
  const times = [...state.cities.values()].map((city) => city.sensors.temperatureF.at ?? 0);
  const newest = Math.max(0, ...times);
  if (newest === 0) return 'no data yet';
  const seconds = Math.max(0, serverNow() - newest) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s behind`;
  return seconds < 120 ? `${Math.round(seconds)} s behind` : `${Math.round(seconds / 60)} min behind`;
}

let announcedAt = 0;
/** At most one message in ten seconds, so that a screen reader is not flooded. @param {string} text */
function announce(text) {
  const now = Date.now();
  if (now - announcedAt < 10_000) return;
  announcedAt = now;
  setText(byId('announcer'), text);
}

/** @param {string} id */
function choose(id) {
  state.chosen = id;
  state.user = undefined;
  history.replaceState(null, '', id === '' ? location.pathname : `#user=${encodeURIComponent(id)}`);
  feed.follow(id);
  draw();
}

function togglePause() {
  state.pausedAt = serverNow();
  state.isPaused = !state.isPaused;
  setAttribute(byId('pause'), 'aria-pressed', String(state.isPaused));
  setText(byId('pause'), state.isPaused ? 'Resume' : 'Pause');
  draw();
  drawConnection();
}

/** @param {string} palette */
function usePalette(palette) {
  document.documentElement.dataset['palette'] = palette;
  localStorage.setItem('isobar.palette', palette);
}

panel.picker.addEventListener('change', () => choose(panel.picker.value));
byId('pause').addEventListener('click', togglePause);
const palette = byId('palette');
palette.value = localStorage.getItem('isobar.palette') === 'standard' ? 'standard' : 'assistive';
usePalette(palette.value);
palette.addEventListener('change', () => usePalette(palette.value));
window.addEventListener('hashchange', () => {
  const user = new URLSearchParams(location.hash.slice(1)).get('user') ?? '';
  if (user !== state.chosen) choose(user);
});

setInterval(() => {
  drawConnection();
  if (!state.isPaused) draw();
}, 500);
feed.follow(state.chosen);
