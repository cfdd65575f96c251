// The alerts of the chosen person: what is open, with acknowledge, snooze and the reasons, and what ended last.

import { byId, element, setAttribute, setText } from './elements.js';
import { ageText } from './format.js';

/**
 * @typedef {{ id: string, name: string, state: string, severity: string, sentence: string, raisedAt: string, endedAt: string | null,
 *   acknowledgedAt: string | null, snoozedUntil: string | null }} Alert
 */

const stateWords = { active: 'active', recovering: 'recovering', 'no data': 'no data', ended: 'over' };
const snoozeMinutes = 60;
const reopenMs = 3_000;

/** @param {{ announce: (text: string) => void, now: () => number }} page */
export function alertList({ announce, now }) {
  const section = byId('alerts');
  const hint = byId('alerts-state');
  const openList = byId('alerts-open');
  const endedList = byId('alerts-ended');
  /** @type {Map<string, ReturnType<typeof alertItem>>} */
  const items = new Map();
  /** @type {EventSource | undefined} */
  let source;
  let person = '';
  /** @type {{ open: Alert[], ended: Alert[] } | undefined} */
  let shown;
  let reopen = 0;

  function open() {
    source?.close();
    const current = new EventSource(`api/users/${encodeURIComponent(person)}/alerts/live`);
    source = current;
    current.addEventListener('alerts', (event) => {
      const before = shown;
      shown = JSON.parse(event.data);
      const fresh = before && shown?.open.find(({ id }) => !before.open.some((alert) => alert.id === id));
      const over = before?.open.find(({ id }) => shown?.ended.some((alert) => alert.id === id));
      if (fresh) announce(`New alert. ${fresh.name}: ${fresh.sentence}`);
      else if (over) announce(`${over.name} is over.`);
      draw();
    });
    current.addEventListener('unknown', () => {
      current.close();
      section.hidden = true;
    });
    current.addEventListener('error', async () => {
      if (source !== current || current.readyState !== EventSource.CLOSED) return;
      // An event source does not tell why it was refused.
      const answer = await fetch(`api/users/${encodeURIComponent(person)}/alerts`).catch(() => undefined);
      if (source !== current) return;
      if (answer?.status === 404) {
        section.hidden = true;
        return;
      }
      setText(hint, 'The alerts cannot be read now. Trying again.');
      hint.hidden = false;
      reopen = window.setTimeout(open, reopenMs);
    });
  }

  function draw() {
    if (shown === undefined) return;
    const wanted = [...shown.open, ...shown.ended];
    for (const [id, item] of items)
      if (!wanted.some((alert) => alert.id === id)) {
        item.root.remove();
        items.delete(id);
      }
    place(openList, shown.open);
    place(endedList, shown.ended);
    hint.hidden = shown.open.length > 0;
    const last = shown.ended[0];
    const when = last?.endedAt ? `The last one ended ${ageText(Date.parse(last.endedAt), now())}.` : '';
    setText(hint, `No open alerts. ${when}`.trim());
    byId('alerts-ended-part').hidden = shown.ended.length === 0;
  }

  /** @param {HTMLElement} list @param {Alert[]} alerts */
  function place(list, alerts) {
    for (const [index, alert] of alerts.entries()) {
      let item = items.get(alert.id);
      if (item === undefined) items.set(alert.id, (item = alertItem(alert.id)));
      item.update(alert, now());
      if (list.children[index] !== item.root) list.insertBefore(item.root, list.children[index] ?? null);
    }
  }

  return {
    /** @param {string} id empty: nobody */
    follow(id) {
      person = id;
      shown = undefined;
      window.clearTimeout(reopen);
      source?.close();
      source = undefined;
      for (const { root } of items.values()) root.remove();
      items.clear();
      section.hidden = id === '';
      if (id === '') return;
      hint.hidden = false;
      setText(hint, 'Loading the alerts…');
      byId('alerts-ended-part').hidden = true;
      open();
    },
    draw,
  };
}

/** @param {string} id */
function alertItem(id) {
  const name = element('strong', { class: 'alert-name' });
  const badge = element('span', { class: 'badge' });
  const times = element('span', { class: 'alert-times' });
  const sentence = element('p', { class: 'alert-sentence' });
  const trouble = element('p', { class: 'alert-trouble', role: 'status' });
  const acknowledge = element('button', { type: 'button' }, ['Acknowledge']);
  const snooze = element('button', { type: 'button' }, ['Snooze 1 h']);
  const why = element('button', { type: 'button', 'aria-expanded': 'false' }, ['Why?']);
  const reasons = element('ol', { class: 'alert-reasons' });
  reasons.hidden = true;
  const root = element('li', { class: 'alert', 'data-alert': id }, [
    element('p', { class: 'alert-head' }, [name, ' ', badge, ' ', times]),
    sentence,
    element('p', { class: 'alert-actions' }, [acknowledge, ' ', snooze, ' ', why]),
    trouble,
    reasons,
  ]);

  /** @param {string} path @param {object} body */
  async function send(path, body) {
    setText(trouble, '');
    const answer = await fetch(`api/alerts/${id}/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    if (answer?.ok) return;
    const problem = await answer?.json().catch(() => undefined);
    setText(trouble, `That did not work: ${problem?.title ?? 'no answer'}. Try again in a moment.`);
  }

  async function explain() {
    const isOpen = reasons.hidden;
    reasons.hidden = !isOpen;
    setAttribute(why, 'aria-expanded', String(isOpen));
    if (!isOpen) return;
    const answer = await fetch(`api/alerts/${id}/why`).catch(() => undefined);
    if (!answer?.ok) {
      reasons.replaceChildren(element('li', {}, ['The reasons cannot be read now. Close and open them to try again.']));
      return;
    }
    const { steps } = await answer.json();
    reasons.replaceChildren(...steps.map(reasonItem));
  }

  acknowledge.addEventListener('click', () => void send('acknowledge', {}));
  snooze.addEventListener('click', () => void send('snooze', { minutes: snoozeMinutes }));
  why.addEventListener('click', () => void explain());

  return {
    root,
    /** @param {Alert} alert @param {number} now */
    update(alert, now) {
      const isOpen = alert.state !== 'ended';
      setText(name, alert.name);
      setText(badge, `${alert.severity.toLowerCase()} · ${stateWords[alert.state] ?? alert.state}`);
      setAttribute(root, 'data-state', alert.state);
      setAttribute(root, 'data-severity', isOpen ? alert.severity : null);
      setText(times, timesText(alert, now));
      setText(sentence, alert.sentence);
      acknowledge.hidden = !isOpen || alert.acknowledgedAt !== null;
      snooze.hidden = !isOpen || isSnoozed(alert, now);
    },
  };
}

/** @param {Alert} alert @param {number} now */
const isSnoozed = ({ snoozedUntil }, now) => snoozedUntil !== null && Date.parse(snoozedUntil) > now;

/** @param {Alert} alert @param {number} now */
function timesText(alert, now) {
  const parts = [`raised ${ageText(Date.parse(alert.raisedAt), now)}`];
  if (alert.endedAt !== null) parts.push(`over ${ageText(Date.parse(alert.endedAt), now)}`);
  else if (alert.acknowledgedAt !== null) parts.push('acknowledged');
  if (alert.endedAt === null && alert.snoozedUntil !== null && isSnoozed(alert, now)) {
    const until = new Date(alert.snoozedUntil).toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
    parts.push(`snoozed until ${until}`);
  }
  return parts.join(' · ');
}

/** @param {{ sentence: string, rebuilt: boolean | null, evidence: { at: string, value: number, topic: string, partition: number, offset: number }[] }} step */
function reasonItem({ sentence, rebuilt, evidence }) {
  const rows = evidence.map(({ at, value, topic, partition, offset }) =>
    element('li', {}, [
      `${new Date(at).toLocaleTimeString('en-US')}: ${value} `,
      element('code', {}, [`${topic}/${partition} @${offset}`]),
    ]),
  );
  const proof = {
    true: 'These records alone lead to it again.',
    false: 'These records alone do not lead to it again; please report this.',
  }[String(rebuilt)];
  return element('li', {}, [
    element('p', {}, [sentence]),
    ...(rows.length === 0
      ? []
      : [
          element('details', {}, [
            element('summary', {}, [
              `${rows.length} ${rows.length === 1 ? 'record' : 'records'}. ${proof ?? ''}`.trim(),
            ]),
            element('ul', {}, rows),
          ]),
        ]),
  ]);
}
