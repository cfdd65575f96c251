import type { KafkaBroker } from '@isobar/ksql-engine/kafka';

const ANSWER_LIMIT_MS = 2_000;

/** Whether a broker answers now. One question is under way at a time, however many want to know and however long the broker is silent. */
export class BrokerWatch {
  #asked: Promise<string | undefined> | undefined;

  constructor(
    private readonly broker: Pick<KafkaBroker, 'clusterId'>,
    private readonly answerLimitMs = ANSWER_LIMIT_MS,
  ) {}

  /** @returns what is wrong; undefined when a broker answers */
  async trouble(): Promise<string | undefined> {
    this.#asked ??= this.#ask();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`no broker answered within ${this.answerLimitMs} ms`), this.answerLimitMs);
    });
    try {
      return await Promise.race([this.#asked, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #ask(): Promise<string | undefined> {
    try {
      await this.broker.clusterId();
      return undefined;
    } catch (error) {
      return `no broker answers: ${error instanceof Error ? error.message : String(error)}`;
    } finally {
      this.#asked = undefined;
    }
  }
}
