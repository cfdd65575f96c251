import { alertSchema, alertsSchema, readAnswer, readEach, type AlertMessage } from '../nws/answers.js';
import type { NwsClient } from '../nws/nws-client.js';
import { NwsError, type NwsErrorKind } from '../nws/nws-error.js';
import type { Refusals } from '../nws/refusals.js';

/** One request serves all cities, so it may come often. */
const minFreshMs = 180_000;
/** Asking for each city by itself costs a request for each. */
const singleMinFreshMs = 900_000;
const pagesMax = 10;

/** What the service lists, and for whom the list is new and whole: only such a list can miss a warning. */
export interface Warnings {
  readonly messages: readonly AlertMessage[];
  readonly completeFor: ReadonlySet<string>;
}

/** The request's own fault: another one may be answered. */
const refusedRequests: ReadonlySet<NwsErrorKind> = new Set(['bad-request', 'refused', 'no-data', 'outside-area']);

/**
 * The warnings that hold in zones, asked for once for all cities. When the service refuses that list of zones, each city is asked for
 * by itself: one zone that is gone must not silence the others.
 */
export class WarningList {
  private readonly refusedUntilMs = new Map<string, number>();

  constructor(
    private readonly client: NwsClient,
    private readonly refusals: Refusals,
    private readonly now: () => number,
  ) {}

  /** @param zones by city @throws NwsError when nothing came for any city */
  async ask(zones: ReadonlyMap<string, readonly string[]>): Promise<Warnings> {
    const path = pathOf([...zones.values()].flat());
    if (this.now() >= (this.refusedUntilMs.get(path) ?? 0)) {
      try {
        const { messages, isComplete } = await this.pages(path, minFreshMs);
        return { messages, completeFor: new Set(isComplete ? zones.keys() : []) };
      } catch (error) {
        if (!(error instanceof NwsError) || !refusedRequests.has(error.kind) || zones.size < 2) throw error;
        this.refusedUntilMs.clear();
        this.refusedUntilMs.set(path, this.now() + singleMinFreshMs);
      }
    }
    return this.askEach(zones);
  }

  private async askEach(zones: ReadonlyMap<string, readonly string[]>): Promise<Warnings> {
    const messages: AlertMessage[] = [];
    const completeFor = new Set<string>();
    let lastError: NwsError | undefined;
    let answers = 0;
    for (const [cityId, own] of zones) {
      try {
        const page = await this.pages(pathOf(own), singleMinFreshMs);
        answers += 1;
        messages.push(...page.messages);
        if (page.isComplete) completeFor.add(cityId);
      } catch (error) {
        if (!(error instanceof NwsError)) throw error;
        lastError = error;
        this.refusals.note({ what: 'zone', reason: 'list refused', place: cityId, detail: error.message });
      }
    }
    if (answers === 0 && lastError !== undefined) throw lastError;
    return { messages, completeFor };
  }

  /** All pages of a list. A page that does not come leaves the list incomplete; what came counts. */
  private async pages(first: string, freshMs: number): Promise<{ messages: AlertMessage[]; isComplete: boolean }> {
    const messages: AlertMessage[] = [];
    const asked = new Set<string>();
    let isNew = true;
    for (let path: string | undefined = first; path !== undefined;) {
      if (asked.has(path) || asked.size >= pagesMax) return { messages, isComplete: false };
      asked.add(path);
      try {
        const { body, freshness } = await this.client.get(path, { minFreshMs: freshMs });
        const { features, pagination } = readAnswer(alertsSchema, body, 'list of warnings');
        messages.push(
          ...readEach(alertSchema, features, (reason, detail) =>
            this.refusals.note({ what: 'warning', reason, detail }),
          ),
        );
        isNew &&= freshness !== 'cached';
        // A link to the next page may be there although this one is the last.
        path = features.length === 0 ? undefined : nextPath(pagination?.next, path);
      } catch (error) {
        if (!(error instanceof NwsError) || path === first) throw error;
        return { messages, isComplete: false };
      }
    }
    return { messages, isComplete: isNew };
  }
}

const pathOf = (zones: readonly string[]): string =>
  `/alerts/active?status=actual&zone=${[...new Set(zones)].sort().join(',')}`;

/** Of the next page's address only path and query count: an answer never sends us to another host. */
function nextPath(next: string | null | undefined, path: string): string | undefined {
  const url = next === null || next === undefined ? null : URL.parse(next, `https://host.invalid${path}`);
  return url?.pathname === '/alerts/active' ? `${url.pathname}${url.search}` : undefined;
}
