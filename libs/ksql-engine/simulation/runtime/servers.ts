import type { Fault } from '../../src/adapters/memory/fault-plan.js';
import type { MemoryBroker } from '../../src/adapters/memory/memory-broker.js';
import type { KsqlEngine } from '../../src/engine/ksql-engine.js';
import type { Leadership } from '../../src/lease/ownership.js';
import { sleep } from '../../src/ports/scheduler.js';
import { MortalState } from '../../src/testing/mortal-state.js';
import type { SimulatedEngine } from '../../src/testing/simulated-engine.js';

/** One life of a server process. */
export interface SimulatedServer {
  readonly broker: MemoryBroker;
  readonly name: string;
  /** Which of the machines it runs on: the next life there finds its files. */
  readonly machine: number;
  engine: KsqlEngine | undefined;
  isFrozen: boolean;
  role: Leadership['role'] | undefined;
  claims: number;
}

export interface ServersOptions {
  readonly config: Readonly<Record<string, string>>;
  readonly isOnDisk: boolean;
}

/** Clocks of machines differ by this much at most. */
const SKEW_MAX_MS = 600_000;
const OPEN_AGAIN_MS = 200;

/** The server processes of a service id. */
export class Servers {
  readonly all: SimulatedServer[] = [];
  readonly disks: MortalState[] = [];

  constructor(
    private readonly world: SimulatedEngine,
    private readonly options: ServersOptions,
  ) {}

  get living(): readonly SimulatedServer[] {
    return this.all.filter(({ broker }) => !broker.link.isStopped);
  }
  get leaders(): readonly SimulatedServer[] {
    return this.living.filter(({ engine, isFrozen }) => !isFrozen && engine?.isOwner === true);
  }
  /** Those that take themselves for the owner, who stands still included. */
  get owners(): readonly SimulatedServer[] {
    return this.living.filter(({ engine }) => engine?.isOwner === true);
  }

  /** Opens one, again and again until it is open, as the server process does. */
  start(machine: number, faults: readonly Fault[]): SimulatedServer {
    const { world, options } = this;
    const broker = world.client(faults);
    const name = `s${this.all.length}`;
    const server: SimulatedServer = {
      broker,
      name,
      machine,
      engine: undefined,
      isFrozen: false,
      role: undefined,
      claims: 0,
    };
    this.all.push(server);
    const skewMs = Math.floor((world.random.next() - 0.5) * 2 * SKEW_MAX_MS);
    const states = options.isOnDisk ? (this.disks[machine] ??= new MortalState()).begin() : undefined;
    const open = async (): Promise<void> => {
      while (!broker.link.isStopped && server.engine === undefined) {
        server.engine = await world
          .open({
            broker,
            states,
            clock: { nowMs: () => world.scheduler.nowMs() + skewMs },
            config: { 'auto.offset.reset': 'earliest', ...options.config },
            lease: {
              server: { id: name, url: `http://${name}`, machine: String(machine), pid: this.all.length },
              isGone: ({ id }) => this.all.some((other) => other.name === id && this.#isGone(other, machine)),
              onRole: ({ role }) => {
                // Told of other changes, too.
                if (role === 'leader' && server.role !== role) server.claims++;
                server.role = role;
              },
            },
          })
          .catch(() => undefined);
        await sleep(world.scheduler, OPEN_AGAIN_MS);
      }
    };
    void open();
    return server;
  }

  freeze(server: SimulatedServer, ms: number): void {
    server.isFrozen = true;
    server.broker.link.freeze();
    this.world.scheduler.after(ms, () => {
      server.isFrozen = false;
      server.broker.link.thaw();
    });
  }

  /** Nothing that befell the processes outlives the run. */
  clear(): void {
    for (const { broker } of this.all) broker.link.stop();
    for (const disk of this.disks) disk.clear();
  }

  /** Known of processes of the same machine alone. */
  #isGone(server: SimulatedServer, machine: number): boolean {
    return server.machine === machine && server.broker.link.isStopped;
  }
}
