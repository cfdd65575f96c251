import type { KsqlEngine } from '../../src/engine/ksql-engine.js';
import type { SimulatedEngine } from '../../src/testing/simulated-engine.js';
import type { SimulatedServer } from './servers.js';

/**
 * Statements that are sent while the run goes on, and what was answered. What was answered as done is in the log for ever, what is in the log
 * was sent, and a query is paused or not as it was answered last; of what was not answered both may be.
 */
export class Statements {
  #sent = 0;
  #underWay = 0;
  readonly #done = new Set<string>();
  /** By the number of the query: whether it may be paused, and may not. */
  readonly #mayBe: Set<boolean>[];
  /** Controls of each that are not answered. */
  readonly #open: Set<boolean>[];

  constructor(
    private readonly world: SimulatedEngine,
    queries: number,
  ) {
    this.#mayBe = Array.from({ length: queries }, () => new Set([false]));
    this.#open = Array.from({ length: queries }, () => new Set<boolean>());
  }

  /** Whether one waits for an answer of a server that may still give it. */
  get isBusy(): boolean {
    return this.#underWay > 0;
  }

  createType(server: SimulatedServer): void {
    const name = `T${this.#sent++}`;
    void this.#execute(server, `CREATE TYPE ${name} AS INT;`).then((isDone) => {
      if (isDone) this.#done.add(name);
    });
  }

  control(server: SimulatedServer, action: 'pause' | 'resume', query: number): void {
    const id = [...(server.engine?.queries.keys() ?? [])][query];
    const [mayBe, open] = [this.#mayBe[query], this.#open[query]];
    if (id === undefined || mayBe === undefined || open === undefined) return;
    const isPaused = action === 'pause';
    mayBe.add(isPaused);
    open.add(isPaused);
    void this.#execute(server, `${action.toUpperCase()} ${id};`).then((isDone) => {
      if (!isDone) return;
      mayBe.clear();
      open.delete(isPaused);
      for (const either of [isPaused, ...open]) mayBe.add(either);
    });
  }

  async resumeAll(server: SimulatedServer): Promise<void> {
    if (!(await this.#execute(server, 'RESUME ALL;'))) return;
    for (const mayBe of this.#mayBe) mayBe.clear();
    for (const mayBe of this.#mayBe) mayBe.add(false);
  }

  /** What a server knows that it should not, or does not know. */
  judge({ catalog, queries }: KsqlEngine): readonly string[] {
    const problems: string[] = [];
    for (const name of this.#done) if (!catalog.types.has(name)) problems.push(`${name} was created, and is not there`);
    for (const name of catalog.types.keys())
      if (!(Number(name.slice(1)) < this.#sent)) problems.push(`${name} is there, and was never created`);
    [...queries.values()].forEach(({ queryId, isPaused }, number) => {
      if (this.#mayBe[number]?.has(isPaused) !== true)
        problems.push(`${queryId} is ${isPaused ? '' : 'not '}paused, and was answered to be otherwise`);
    });
    return problems;
  }

  /** @returns whether it was answered as done; a server that is killed, or was, never answers */
  async #execute(server: SimulatedServer, sql: string): Promise<boolean> {
    const { engine, broker } = server;
    if (engine === undefined) return false;
    this.#underWay++;
    const over = Promise.withResolvers<false>();
    let isOver = false;
    const look = (): void => {
      if (isOver) return;
      if (broker.link.isStopped) over.resolve(false);
      else this.world.scheduler.after(LOOK_MS, look);
    };
    look();
    const isDone = await Promise.race([
      this.world.execute(engine, sql).then(
        () => true,
        () => false,
      ),
      over.promise,
    ]);
    isOver = true;
    this.#underWay--;
    return isDone;
  }
}

const LOOK_MS = 500;
