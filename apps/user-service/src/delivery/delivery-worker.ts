import type { ClaimedTarget, DeliveryStore } from './delivery-store.js';
import type { Sender, Target } from './target.js';

/**
 * Targets that are delivered to at once. Each channel has room of its own, and in it those that failed last: they may hang, and delay no
 * other.
 */
const roomOf = { healthy: 32, failing: 16 } as const;
const lanes = (['WEBHOOK', 'EMAIL'] as const).flatMap((channel) =>
  (['healthy', 'failing'] as const).map((health) => ({ channel, health })),
);
type Lane = (typeof lanes)[number];
/** Deliveries to one target in a turn; then others have theirs. */
const perTurn = 50;

export type Senders = Readonly<Record<Target['channel'], Sender | undefined>>;

/**
 * Delivers what is queued. To each target one delivery at a time, the oldest first, whichever replica does it: a target is claimed by a
 * lease. Nothing of the database is held while something is sent, so who is killed between sending and writing that down leaves it to be
 * sent again: at least once.
 */
export class DeliveryWorker {
  private readonly underWay = new Map<Lane, Set<Promise<void>>>(lanes.map((lane) => [lane, new Set()]));
  private isStopping = false;

  constructor(
    private readonly store: DeliveryStore,
    private readonly senders: Senders,
    private readonly now: () => number = Date.now,
    private readonly onError: (error: unknown) => void = () => undefined,
  ) {}

  /** Begins with what is due, as far as there is room. @returns how many targets */
  async begin(): Promise<number> {
    let begun = 0;
    for (const lane of lanes) {
      const room = roomOf[lane.health] - this.of(lane).size;
      if (room <= 0 || this.isStopping) continue;
      const targets = await this.store.claim(this.now(), room, lane.channel, lane.health === 'failing');
      for (const target of targets) this.track(lane, target);
      begun += targets.length;
    }
    return begun;
  }

  /** Resolves when nothing that is due is left, or `begin` finds no more to do; for tests and figures. */
  async drain(): Promise<void> {
    while ((await this.begin()) > 0 || this.isBusy) if (this.isBusy) await Promise.race(this.all());
  }

  /** Begins nothing more and waits for what is under way. */
  async stop(): Promise<void> {
    this.isStopping = true;
    await Promise.all(this.all());
  }

  private get isBusy(): boolean {
    return this.all().length > 0;
  }

  private all(): readonly Promise<void>[] {
    return [...this.underWay.values()].flatMap((lane) => [...lane]);
  }

  private of(lane: Lane): Set<Promise<void>> {
    return this.underWay.get(lane) ?? new Set();
  }

  private track(lane: Lane, target: ClaimedTarget): void {
    const work: Promise<void> = this.deliver(target)
      .catch(this.onError)
      .finally(() => this.of(lane).delete(work));
    this.of(lane).add(work);
  }

  private async deliver(target: ClaimedTarget): Promise<void> {
    const sender = this.senders[target.channel];
    let retryAfterMs: number | undefined;
    for (let sent = 0; sent < perTurn && !this.isStopping; sent += 1) {
      const delivery = await this.store.next(target, this.now());
      if (delivery === undefined) break;
      const outcome =
        sender === undefined
          ? ({ kind: 'failed', because: 'this service has no mail server (SMTP_URL)' } as const)
          : await sender.send(target, delivery);
      await this.store.record(target, delivery, outcome, this.now());
      if (outcome.kind === 'failed') retryAfterMs = outcome.retryAfterMs;
      if (outcome.kind !== 'delivered') break;
    }
    await this.store.release(target, this.now(), retryAfterMs);
  }
}
