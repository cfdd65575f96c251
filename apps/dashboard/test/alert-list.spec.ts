import { afterAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as turn } from 'node:timers/promises';

interface AlertList {
  follow(id: string): void;
}
// A file of the page: served as it is, and known to no compiler.
const page = new URL('../web/alert-list.js', import.meta.url).href;

/** The parts of a browser that the list touches before it has an alert. */
class Feed extends EventTarget {
  static readonly CLOSED = 2;
  static opened: Feed[] = [];
  readyState = 0;
  constructor(readonly url: string) {
    super();
    Feed.opened.push(this);
  }
  close(): void {
    this.readyState = Feed.CLOSED;
  }
  refuse(): void {
    this.close();
    this.dispatchEvent(new Event('error'));
  }
}

describe('the alerts of the chosen person, when the feed is refused', () => {
  const elements = new Map<string, { hidden: boolean; textContent: string }>();
  const byId = (id: string) => {
    if (!elements.has(id)) elements.set(id, { hidden: false, textContent: '' });
    return elements.get(id);
  };
  const asked: string[] = [];
  let status = 200;
  const realFetch = globalThis.fetch;
  let list: AlertList;

  beforeEach(async () => {
    Feed.opened = [];
    asked.length = 0;
    elements.clear();
    Object.assign(globalThis, {
      document: { getElementById: byId },
      window: { setTimeout: () => 1, clearTimeout: () => undefined },
      EventSource: Feed,
      fetch: (url: string) => {
        asked.push(url);
        return Promise.resolve({ status });
      },
    });
    const { alertList } = (await import(page)) as { alertList(of: object): AlertList };
    list = alertList({ announce: jest.fn(), now: () => 0 });
  });
  afterAll(() => void Object.assign(globalThis, { fetch: realFetch }));

  it('are not shown for a person whom nobody knows', async () => {
    status = 404;
    list.follow('999');
    Feed.opened[0]?.refuse();
    await turn();
    expect([asked, byId('alerts')?.hidden]).toEqual([['api/users/999/alerts'], true]);
  });

  it('are called unreadable while the service is away', async () => {
    status = 502;
    list.follow('1');
    Feed.opened[0]?.refuse();
    await turn();
    expect([byId('alerts')?.hidden, byId('alerts-state')?.textContent]).toEqual([
      false,
      'The alerts cannot be read now. Trying again.',
    ]);
  });

  it('stay those of the person who was chosen meanwhile', async () => {
    status = 404;
    list.follow('999');
    Feed.opened[0]?.refuse();
    list.follow('1');
    await turn();
    expect([byId('alerts')?.hidden, byId('alerts-state')?.textContent]).toEqual([false, 'Loading the alerts…']);
  });
});
