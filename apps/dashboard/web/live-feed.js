// The feed of the service: a snapshot, then changes, and a beat every second. Silence for three seconds means that the
// connection is in trouble, whatever the browser thinks of it.

const silenceMs = 3_000;
const reopenMs = 2_000;

/**
 * @param {{ onData: (kind: 'snapshot' | 'changes' | 'beat', data: any) => void, onConnection: (isLive: boolean) => void }} handlers
 */
export function liveFeed({ onData, onConnection }) {
  /** @type {EventSource | undefined} */
  let source;
  let user = '';
  let lastHeardAt = 0;

  function open() {
    source?.close();
    const current = new EventSource(user === '' ? 'api/events' : `api/events?user=${encodeURIComponent(user)}`);
    source = current;
    for (const kind of /** @type {const} */ (['snapshot', 'changes', 'beat'])) {
      current.addEventListener(kind, (event) => {
        if (current !== source) return;
        lastHeardAt = Date.now();
        onConnection(true);
        onData(kind, JSON.parse(event.data));
      });
    }
    current.addEventListener('error', () => {
      if (current === source) onConnection(false);
    });
  }

  let openedAt = Date.now();
  function look() {
    const now = Date.now();
    if (now - lastHeardAt > silenceMs) onConnection(false);
    // The browser reconnects by itself after a cut, but not after an error answer or a half-open connection.
    const isStuck = source?.readyState === 2 || now - lastHeardAt > 3 * silenceMs;
    if (isStuck && now - openedAt > reopenMs) {
      openedAt = now;
      open();
    }
  }
  setInterval(look, 500);

  return {
    /** Judges the connection now, and opens a new one where the old one is dead. */
    look,
    /** @param {string} userId */
    follow(userId) {
      user = userId;
      openedAt = Date.now();
      open();
    },
    retry() {
      openedAt = Date.now();
      open();
    },
  };
}
