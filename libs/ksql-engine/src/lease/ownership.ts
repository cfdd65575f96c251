import { WriterFencedError, type Broker } from '../ports/broker.js';
import type { Clock, Random } from '../ports/ports.js';
import { sleep, timers } from '../ports/scheduler.js';
import { LeaseTail, LeaseTopic, type LeaseRecord, type Server } from './lease-topic.js';
import { Tenure, TenureOverError } from './tenure.js';

/** What a server is to its service id, for people and clients. */
export interface Leadership {
  readonly role: 'leader' | 'standby';
  /** Who holds the last claim that was seen; undefined when it was released or there is none. */
  readonly leader: Server | undefined;
  /** Others that have said lately that they stand by; known to the leader. */
  readonly standbys: readonly Server[];
  /** Why nobody leads, or it is not known who does, or this server could not take over; undefined when all is well. */
  readonly trouble: string | undefined;
}

export interface OwnershipOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly random: Random;
  readonly serviceId: string;
  /** Of the lease topic. */
  readonly replicas: number;
  readonly server: Server;
  /** Whether the process of a server is known to have ended, so that nobody needs to wait for a word of it. */
  isGone(server: Server): boolean;
  /** See `TenureOptions`. */
  readonly transactionalIds: readonly string[];
  /** Why this server could not do an owner's work. */
  obstacle(): string | undefined;
  /** This server owns the service id: reads where things stand, and runs. */
  begin(tenure: Tenure): Promise<void>;
  /** It does not any more, save at its own end: nothing of that tenure goes on when this settles. */
  end(cause: Error): Promise<void>;
  onRole(leadership: Leadership): void;
}

/** How often an owner says that it lives, while somebody wants to hear it. */
const BEAT_MS = 500;
/** A standby says this often that it wants to hear it, and is heard for so long. */
const STANDBY_WORD_MS = 3_000;
const STANDBY_HEARD_MS = 10_000;
/** An owner of which nothing is heard for this long, and a part of the second, is taken for dead. */
const SILENCE_MAX_MS = 2_500;
const SILENCE_SPREAD_MS = 500;
/** How long a standby waits for news at a time; no single wait counts for more than twice that, however long the process has slept. */
const STANDBY_POLL_MS = 250;
const LEADER_POLL_MS = 5_000;
/** Standbys that hear of a release claim at different times. */
const RELEASE_SPREAD_MS = 200;
/** Kafka forgets a transactional id that nobody uses for a week. */
const CONFIRMED_EVERY_MS = 86_400_000;
const RETRY_MS = 500;
/** A silence of the brokers that is worth a word. */
const UNHEARD_SAID_MS = 5_000;

/**
 * Decides which of the servers of a service id owns it (docs/adr/0023-one-owner-by-a-lease.md). Time decides only who tries to, and when;
 * that no two do is a matter of `Tenure`.
 */
export class Ownership {
  readonly #lease: LeaseTopic;
  readonly #tail: LeaseTail;
  #tenure: Tenure | undefined;
  /** The last claim or release that was read. */
  #last: LeaseRecord | undefined;
  #trouble: string | undefined;
  /** Counts the tenures of this process. */
  #term = 0;
  /** Whether its claim was read: what stands before it in the topic is of earlier owners. */
  #isClaimRead = true;
  readonly #standbys = new Map<string, { readonly server: Server; readonly heardMs: number }>();
  #isBeating = false;
  #isSpeaking = false;
  #isClosing = false;
  #said = '';
  /** Settles when this server runs, or has failed to. */
  #begun: Promise<void> = Promise.resolve();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: OwnershipOptions) {
    const { broker, serviceId, replicas } = options;
    this.#lease = new LeaseTopic(broker, serviceId, replicas);
    this.#tail = new LeaseTail(broker, this.#lease.topic);
  }

  get topic(): string {
    return this.#lease.topic;
  }

  get leadership(): Leadership {
    const leads = this.#tenure !== undefined && !this.#tenure.isOver;
    const nowMs = performance.now();
    return {
      role: leads ? 'leader' : 'standby',
      leader: leads ? this.options.server : this.#holder,
      standbys: [...this.#standbys.values()]
        .filter(({ heardMs }) => nowMs - heardMs < STANDBY_HEARD_MS)
        .map(({ server }) => server),
      trouble: this.#trouble,
    };
  }

  /**
   * Claims the service id where nobody holds it: this server runs then. Else it stands by.
   * @throws what keeps it from finding out
   */
  async start(): Promise<void> {
    await this.#lease.ensure();
    this.#take(await this.#tail.toEnd());
    const isFree = this.#isFree || this.options.isGone((this.#last as LeaseRecord).server);
    const hasClaimed = isFree && (await this.#claim());
    this.#running = this.#run();
    if (hasClaimed) await this.#begun;
  }

  /** To be called when what runs has stopped: nobody needs to wait for this server any more. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#tenure?.release().catch(() => undefined);
    this.#tail.interrupt();
    await this.#running;
    // It may just have claimed.
    await this.#tenure?.release().catch(() => undefined);
    await this.#tail.close();
  }

  /** Who holds the last claim. */
  get #holder(): Server | undefined {
    return this.#last?.kind === 'claim' ? this.#last.server : undefined;
  }

  /** Nobody holds it, or this server itself, in a tenure that has ended. */
  get #isFree(): boolean {
    return this.#holder === undefined || this.#holder.id === this.options.server.id;
  }

  async #run(): Promise<void> {
    while (!this.#isClosing) {
      try {
        if (this.#tenure === undefined) await this.#standBy();
        else await this.#lead(this.#tenure);
      } catch (error) {
        this.#say(`the lease cannot be followed: ${textOf(error)}`);
        await sleep(timers, RETRY_MS);
      }
    }
  }

  /** Until this server has claimed. */
  async #standBy(): Promise<void> {
    // What it had read before it slept, or lost its tenure, is not how things are.
    await this.#readAgain();
    this.#say(undefined);
    const limitMs = SILENCE_MAX_MS + this.options.random.next() * SILENCE_SPREAD_MS;
    let silentMs = 0;
    let answeredMs = performance.now();
    let spokeMs = -Infinity;
    while (!this.#isClosing) {
      if (this.#isFree || silentMs > limitMs) {
        if (await this.#tryToClaim()) return;
        silentMs = 0;
      }
      if (performance.now() - spokeMs >= STANDBY_WORD_MS) {
        spokeMs = performance.now();
        this.#speak('standby');
      }
      const records = await this.#tail.poll(STANDBY_POLL_MS);
      const nowMs = performance.now();
      if (records === undefined) {
        if (nowMs - answeredMs > UNHEARD_SAID_MS) this.#say('no broker answers: it is not known who leads');
        continue;
      }
      // Only what the brokers have answered counts as silence of the owner.
      silentMs += Math.min(nowMs - answeredMs, 2 * STANDBY_POLL_MS);
      answeredMs = nowMs;
      if (this.#take(records)) silentMs = 0;
      if (silentMs === 0) this.#say(undefined);
    }
  }

  async #tryToClaim(): Promise<boolean> {
    const obstacle = this.options.obstacle();
    if (obstacle !== undefined) {
      this.#say(`nobody leads, and this server cannot: ${obstacle}`);
      return false;
    }
    if (this.#holder === undefined) {
      await sleep(timers, this.options.random.next() * RELEASE_SPREAD_MS);
      this.#take(await this.#tail.toEnd());
      if (!this.#isFree) return false;
    }
    return this.#claim();
  }

  /** @returns false where another server was quicker */
  async #claim(): Promise<boolean> {
    const { broker, clock, server, transactionalIds } = this.options;
    const term = ++this.#term;
    let tenure: Tenure;
    try {
      tenure = await Tenure.claim({
        broker,
        clock,
        lease: this.#lease,
        server,
        term,
        transactionalIds,
        earlierIds: () => this.#earlierIds(),
      });
    } catch (error) {
      if (error instanceof WriterFencedError) return false;
      throw error;
    }
    this.#tenure = tenure;
    this.#last = { kind: 'claim', server, term, transactionalIds };
    this.#isClaimRead = false;
    this.#begun = this.#begin(tenure);
    // Who waits for the start hears of it; later the end of the tenure tells.
    this.#begun.catch(() => undefined);
    return true;
  }

  /** The ids of the last claim. To be called when no claim of an earlier owner can be committed any more. */
  async #earlierIds(): Promise<readonly string[]> {
    this.#take(await this.#tail.toEnd());
    return this.#last?.transactionalIds ?? [];
  }

  async #begin(tenure: Tenure): Promise<void> {
    try {
      await this.options.begin(tenure);
      this.#say(undefined);
    } catch (error) {
      await tenure.release().catch(() => undefined);
      throw error;
    }
  }

  /** Until its tenure is over. */
  async #lead(tenure: Tenure): Promise<void> {
    void tenure.over.then(() => this.#tail.interrupt());
    void this.#beat(tenure);
    let confirmedMs = performance.now();
    let isReadable = true;
    while (!tenure.isOver) {
      try {
        if (isReadable) this.#take((await this.#tail.poll(LEADER_POLL_MS)) ?? []);
        else await this.#readAgain();
        const holder = this.#holder;
        if (holder !== undefined && holder.id !== this.options.server.id)
          tenure.end(new TenureOverError(`${holder.url} has taken it over`));
        else if (!isReadable || performance.now() - confirmedMs > CONFIRMED_EVERY_MS) {
          // Where the topic was lost the claim is in it again.
          await tenure.confirm();
          confirmedMs = performance.now();
          this.#trouble = undefined;
        }
        isReadable = true;
      } catch (error) {
        if (tenure.isOver) break;
        isReadable = false;
        this.#trouble = `the lease cannot be followed: ${textOf(error)}`;
        await sleep(timers, RETRY_MS);
      }
    }
    if (this.#isClosing) return;
    const cause = await tenure.over;
    this.#say(`this server does not lead any more: ${textOf(cause)}`);
    await this.#begun.catch(() => undefined);
    await this.options.end(cause);
    this.#tenure = undefined;
    // A cause that lasts must not make this server claim as fast as it can.
    await sleep(timers, RETRY_MS);
  }

  /** The topic may be gone, and the claim with it; of all that is read the last claim counts. */
  async #readAgain(): Promise<void> {
    this.#isClaimRead = true;
    await this.#lease.ensure();
    this.#take(await this.#tail.toEnd());
  }

  /** Says that it lives for as long as somebody wants to hear it. */
  async #beat(tenure: Tenure): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    while (!tenure.isOver && this.leadership.standbys.length > 0) {
      this.#speak('beat');
      await sleep(timers, BEAT_MS);
    }
    this.#isBeating = false;
  }

  /** One word at a time: a broker that is silent is not told the same again and again. */
  #speak(kind: 'beat' | 'standby'): void {
    if (this.#isSpeaking) return;
    this.#isSpeaking = true;
    const { server, clock } = this.options;
    this.#lease
      .write({ kind, server, term: this.#term }, clock.nowMs())
      .catch(() => undefined)
      .finally(() => (this.#isSpeaking = false));
  }

  /** @returns whether the holder of the lease gave a sign of life */
  #take(records: readonly LeaseRecord[]): boolean {
    let isHeard = false;
    for (const record of records) {
      const { kind, server, term } = record;
      if (!this.#isClaimRead && (kind === 'claim' || kind === 'released')) {
        this.#isClaimRead = kind === 'claim' && server.id === this.options.server.id && term === this.#term;
        if (!this.#isClaimRead) continue;
      }
      if (kind === 'claim' || (kind === 'released' && server.id === this.#holder?.id)) {
        this.#last = record;
        isHeard = true;
      }
      if (kind === 'beat' && server.id === this.#holder?.id) isHeard = true;
      if (kind === 'standby' && server.id !== this.options.server.id)
        this.#standbys.set(server.id, { server, heardMs: performance.now() });
    }
    for (const [id, { heardMs }] of this.#standbys)
      if (performance.now() - heardMs > STANDBY_HEARD_MS) this.#standbys.delete(id);
    const tenure = this.#tenure;
    if (tenure !== undefined && !tenure.isOver && this.#standbys.size > 0) void this.#beat(tenure);
    return isHeard;
  }

  /** Tells of what has changed. */
  #say(trouble: string | undefined): void {
    this.#trouble = trouble;
    const { leadership } = this;
    const said = JSON.stringify([leadership.role, leadership.leader?.id, trouble]);
    if (said === this.#said) return;
    this.#said = said;
    this.options.onRole(leadership);
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
