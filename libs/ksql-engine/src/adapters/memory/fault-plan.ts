import type { Random } from '../../ports/ports.js';

/** The requests that a client makes. */
export type Operation =
  | 'metadata'
  | 'createTopics'
  | 'deleteTopics'
  | 'deleteGroup'
  | 'bounds'
  | 'committedOffsets'
  | 'fetch'
  | 'write'
  | 'openWriter'
  | 'produce'
  | 'commitOffsets'
  | 'endTransaction';

/** What may go wrong with a request. Only `slow` is not told to the caller; the others are, as a broker that does not answer. */
export type FaultKind =
  /** It never arrives. */
  | 'requestLost'
  /** It does what it should, and nobody learns of it. */
  | 'answerLost'
  /** It arrives after the caller was told that nobody answers. */
  | 'late'
  /** It takes a while. */
  | 'slow'
  /** A partition that it is about gets another leader before it arrives. */
  | 'leaderMoves'
  /** The client is gone for ever, as a process that was killed: the request never arrives. */
  | 'stopsBefore'
  /** The client is gone for ever: the request arrives. */
  | 'stopsAfter';

export interface Fault {
  readonly kind: FaultKind;
  readonly on: Operation | 'any';
  /** The request of that kind, or of all, that it befalls, counted from 1, or how likely it befalls each. */
  readonly when: { readonly nth: number } | { readonly chance: number };
}

/** Which requests of a client go wrong, and how. */
export class FaultPlan {
  readonly #counts = new Map<Operation, number>();
  #requests = 0;
  #isOver = false;

  constructor(
    private readonly faults: readonly Fault[],
    private readonly random: Random,
  ) {}

  /** What befalls the next request of that kind. */
  next(operation: Operation): FaultKind | undefined {
    const number = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, number);
    this.#requests++;
    if (this.#isOver) return undefined;
    for (const { kind, on, when } of this.faults) {
      if (on !== operation && on !== 'any') continue;
      if ('nth' in when ? when.nth === (on === 'any' ? this.#requests : number) : this.random.next() < when.chance)
        return kind;
    }
    return undefined;
  }

  /** From now on nothing goes wrong any more. */
  end(): void {
    this.#isOver = true;
  }
}
