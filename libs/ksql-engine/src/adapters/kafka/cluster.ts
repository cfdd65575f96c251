import type { Broker as BrokerAddress, Connection, metadataV12 as Metadata } from '@platformatic/kafka';
import { setTimeout as delay } from 'node:timers/promises';
import { BrokerRefusedError, BrokerUnavailableError } from '../../ports/broker.js';
import { endWhenUnanswered, NO_TIMEOUT_MS } from './answer-deadline.js';
import { brokerReason, errorNames, isFenced, isRetriable } from './kafka-errors.js';
import { ConnectionPool, findCoordinatorV6, metadataV12 } from './protocol.js';

export interface ClusterOptions {
  /** `host:port` addresses. */
  readonly bootstrap: readonly string[];
  readonly clientId: string;
  /** How long a request may wait for its answer, ms. */
  readonly answerLimitMs?: number;
}

/** Above what brokers are told to take at most (`BROKER_TIMEOUT_MS`), so that one that is alive always answers. */
const ANSWER_LIMIT_MS = 15_000;
/** How long a broker may work on a request: make topics, wait for replicas. */
export const BROKER_TIMEOUT_MS = 10_000;

/** Short at first: the markers of the transaction before are usually written in a few milliseconds. */
const RETRY_DELAY_MS = 10;
const RETRY_LIMIT_MS = 30_000;
/** A new topic is known to all brokers in much less; one that was deleted never comes. */
const MISSING_TOPIC_LIMIT_MS = 5_000;

/** Connections to the brokers of one cluster, leaders and coordinators. Each long-polling reader has a cluster of its own. */
export class Cluster {
  readonly #pool: InstanceType<typeof ConnectionPool>;
  readonly #bootstrap: readonly BrokerAddress[];
  #nodes = new Map<number, BrokerAddress>();
  readonly #coordinators = new Map<string, number>();
  #closed = false;

  constructor(readonly options: ClusterOptions) {
    this.#pool = new ConnectionPool(options.clientId, {
      connectTimeout: 5_000,
      requestTimeout: NO_TIMEOUT_MS,
      maxInflights: 8,
    });
    const answerLimitMs = options.answerLimitMs ?? ANSWER_LIMIT_MS;
    this.#pool.on('connecting', ({ connection }) => endWhenUnanswered(connection, answerLimitMs));
    this.#bootstrap = options.bootstrap.map((address) => {
      const colon = address.lastIndexOf(':');
      return { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) };
    });
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  async any(): Promise<Connection> {
    if (this.#closed) throw new BrokerUnavailableError('the connection to Kafka was closed');
    try {
      return await this.#pool.getFirstAvailable([...this.#bootstrap]);
    } catch (cause) {
      throw new BrokerUnavailableError(`no Kafka broker answers at ${this.options.bootstrap.join(', ')}`, { cause });
    }
  }

  async node(nodeId: number): Promise<Connection> {
    if (this.#closed) throw new BrokerUnavailableError('the connection to Kafka was closed');
    const address = this.#nodes.get(nodeId);
    if (!address) throw new BrokerUnavailableError(`Kafka node ${nodeId} is unknown`);
    try {
      return await this.#pool.get(address);
    } catch (cause) {
      this.#coordinators.clear();
      throw new BrokerUnavailableError(`Kafka node ${nodeId} (${address.host}:${address.port}) does not answer`, {
        cause,
      });
    }
  }

  async metadata(topics: readonly string[] | null): Promise<Metadata.MetadataResponse> {
    const response = await metadataV12.api.async(await this.any(), topics === null ? null : [...topics], false, false);
    this.#nodes = new Map(response.brokers.map((broker) => [broker.nodeId, { host: broker.host, port: broker.port }]));
    return response;
  }

  /** Who coordinates a group or a transactional id; looked up once, and anew after any failure. */
  async coordinator(kind: 'group' | 'transaction', key: string): Promise<Connection> {
    const known = this.#coordinators.get(`${kind}:${key}`);
    if (known !== undefined) return this.node(known);
    const response = await findCoordinatorV6.api.async(await this.any(), kind === 'group' ? 0 : 1, [key]);
    const found = response.coordinators[0];
    if (!found) throw new BrokerUnavailableError(`no coordinator for ${kind} ${key}`);
    this.#nodes.set(found.nodeId, { host: found.host, port: found.port });
    const connection = await this.node(found.nodeId);
    this.#coordinators.set(`${kind}:${key}`, found.nodeId);
    return connection;
  }

  /** Repeats a call while its error says that a later try may succeed. */
  async retrying<T>(what: string, call: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    let pause = RETRY_DELAY_MS;
    for (;;) {
      try {
        return await call();
      } catch (error) {
        this.#coordinators.clear();
        if (this.#closed) throw error;
        if (!isRetriable(error)) throw refusalOf(what, error);
        const names = errorNames(error);
        const isTopicMissing = names.some((name) => name.startsWith('UNKNOWN_TOPIC'));
        if (performance.now() - startedMs > (isTopicMissing ? MISSING_TOPIC_LIMIT_MS : RETRY_LIMIT_MS)) {
          throw new BrokerUnavailableError(`${what}: ${names.join(', ') || String(error)}`, {
            cause: error,
          });
        }
        await delay(pause);
        pause = Math.min(pause * 2, 500);
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    // Not in order: a silent broker takes nothing of what is still to be sent, and an orderly end waits for that.
    for (const [, connection] of this.#pool) connection.socket.destroy();
    await this.#pool.close().catch(() => undefined);
  }
}

/** Who is fenced was not refused what it asked; errors of other kinds are told as they are. */
function refusalOf(what: string, cause: unknown): unknown {
  const reason = isFenced(cause) ? undefined : brokerReason(cause);
  return reason === undefined ? cause : new BrokerRefusedError(what, reason, { cause });
}
