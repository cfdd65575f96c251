import { alertList } from './alert-list.js';
import { cityCard } from './city-card.js';
import { byId, element, setAttribute, setText } from './elements.js';
import { liveFeed } from './live-feed.js';
import { personPanel, personSentence } from './person-panel.js';
import { newFlagSentence } from './sensor-flags.js';

const startedAt = Date.now();

/**
 * Whom the address names. Anything may stand there: what is no id of a person is not asked for, and said.
 * @param {string} hash
 */
function choiceOf(hash) {
  const wanted = new URLSearchParams(hash.slice(1)).get('user') ?? '';
  const isId = /^\d{1,15}$/.test(wanted);
  return { chosen: isId ? String(Number(wanted)) : '', oddChoice: isId ? '' : wanted };
}

const state = {
  /** @type {Map<string, any>} */
  cities: new Map(),
  /** @type {any[]} */
  people: [],
  /** undefined: not known yet; null: gone. */
  user: /** @type {any} */ (undefined),
  ...choiceOf(location.hash),
  sentence: '',
  /** @type {{ health: string, because: string[], feeds: Record<string, string | null> } | undefined} */
  pipeline: undefined,
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
const alerts = alertList({ announce, now: () => serverNow() });

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
    state.pipeline = data.pipeline;
  } else {
    if (kind === 'snapshot') {
      state.cities = new Map();
      state.hasSnapshot = true;
    }
    for (const city of data.cities) noteCity(city);
    if (data.people) state.people = data.people;
    if (data.user !== undefined) noteUser(data.user);
  }
  if (!state.isPaused && !document.hidden) draw();
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
  drawPipeline();
  alerts.draw();
  drawCities(now);
  panel.updatePeople(state.people, state.chosen);
  panel.updateConditions(
    state.chosen === '' ? undefined : state.user,
    state,
    state.pipeline?.feeds['people'] ?? null,
    now,
  );
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
    drawCard(card, city, now);
  }
  drawCitiesState();
}

/**
 * A card that cannot be drawn is that card's trouble, and no other's.
 * @param {ReturnType<typeof cityCard>} card
 * @param {any} city
 * @param {number} now
 */
function drawCard(card, city, now) {
  try {
    card.update(city, now, state.pipeline?.feeds ?? {});
  } catch (error) {
    console.error(`The card of ${city.id} cannot be drawn`, error);
  }
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
  } else if (state.isLive && state.pipeline?.health === 'not ready') {
    setAttribute(pill, 'data-connection', 'reconnecting');
    setText(byId('connection-text'), `Pipeline not ready · ${newestAgeText()}`);
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

/** What keeps the values from getting younger, in words; the first reasons are the ones farthest upstream. */
function drawPipeline() {
  const banner = byId('pipeline');
  const { health = 'ready', because = [], losses = [] } = state.pipeline ?? {};
  const isMoving = health === 'ready' || because.length === 0;
  banner.hidden = isMoving && losses.length === 0;
  if (banner.hidden) return;
  const stands =
    health === 'not ready'
      ? `What feeds this page does not run: ${firstOf(because)}. Shown is what was last known.`
      : `Perhaps not all of what feeds this page runs: ${firstOf(because)}.`;
  const text = [
    ...(isMoving ? [] : [stands]),
    ...(losses.length === 0 ? [] : [`Records were lost: ${firstOf(losses)}.`]),
  ].join(' ');
  if (banner.textContent !== text && health === 'not ready') announce(text);
  setText(banner, text);
}

/** @param {string[]} reasons */
function firstOf(reasons) {
  const rest = reasons.length > 3 ? `; and ${reasons.length - 3} more` : '';
  return `${reasons.slice(0, 3).join('; ')}${rest}`;
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
  state.oddChoice = '';
  state.user = undefined;
  history.replaceState(null, '', id === '' ? location.pathname : `#user=${encodeURIComponent(id)}`);
  feed.follow(id);
  alerts.follow(id);
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
  const { chosen, oddChoice } = choiceOf(location.hash);
  if (oddChoice === '' && chosen !== state.chosen) choose(chosen);
  else if (oddChoice !== '') {
    Object.assign(state, { chosen, oddChoice, user: undefined });
    feed.follow(chosen);
    alerts.follow(chosen);
    draw();
  }
});
// A hidden page draws nothing, and its timers hardly run: on its return it looks at once.
document.addEventListener('visibilitychange', () => {
  if (document.hidden) return;
  feed.look();
  drawConnection();
  if (!state.isPaused) draw();
});

setInterval(() => {
  drawConnection();
  if (!state.isPaused && !document.hidden) draw();
}, 500);
feed.follow(state.chosen);
alerts.follow(state.chosen);
