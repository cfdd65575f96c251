import type { PatternNode } from './pattern-tree.js';

type Step =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'one' | 'place'; readonly test: RegExp }
  /** Goes on at `first`; when that fails, at `second`. */
  | { readonly kind: 'fork'; readonly index: number; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'save'; readonly slot: number }
  /** Forgets the groups of an iteration before the next. */
  | { readonly kind: 'forget'; readonly from: number; readonly to: number };

const STEPS_MAX = 5_000;
/** Forks × characters: what a match may cost at most. */
const WORK_MAX = 30_000_000;

const UNDO_FORK = -1;

/**
 * Finds what a matcher that goes back would find, but tries no fork twice at a place: what failed there once fails again, since a step
 * depends on nothing but the place. So the time grows with the text and not with the ways to read it.
 */
export class SteadyMatcher {
  readonly #steps: readonly Step[];
  readonly #slotCount: number;
  readonly #forkCount: number;
  #text: string | undefined;
  /** A bit per fork and place. */
  #tried = new Uint32Array(0);

  private constructor(steps: readonly Step[], slotCount: number, forkCount: number) {
    this.#steps = steps;
    this.#slotCount = slotCount;
    this.#forkCount = forkCount;
  }

  /** Undefined for a pattern whose steps depend on more than the place. */
  static of(tree: PatternNode, groupCount: number): SteadyMatcher | undefined {
    const compiler = new Compiler();
    return compiler.add(tree) ? new SteadyMatcher(compiler.steps, 2 * (groupCount + 1), compiler.forks) : undefined;
  }

  /** Forks × characters: what all searches of the text take at most. */
  workOf(text: string): number {
    return (this.#forkCount + 1) * text.length;
  }

  takes(text: string): boolean {
    return this.workOf(text) <= WORK_MAX;
  }

  /** Start and end per group, group 0 first, -1 for a group that took no part; undefined when nothing is found. */
  find(text: string, from: number): Int32Array | undefined {
    if (text !== this.#text) {
      this.#text = text;
      this.#tried = new Uint32Array(Math.ceil((this.#forkCount * (text.length + 1)) / 32));
    }
    const slots = new Int32Array(this.#slotCount).fill(-1);
    for (let start = from; start <= text.length; start += (text.codePointAt(start) ?? 0) > 0xffff ? 2 : 1) {
      const end = this.#matchAt(text, start, slots);
      if (end === undefined) continue;
      slots[0] = start;
      slots[1] = end;
      return slots;
    }
    return undefined;
  }

  #matchAt(text: string, start: number, slots: Int32Array): number | undefined {
    const steps = this.#steps;
    /** Triples: a fork's second way (step, place, bit), or a slot to put back (UNDO_FORK - slot, value, 0). */
    const ways: number[] = [];
    let step = 0;
    let at = start;
    for (;;) {
      if (step === steps.length) {
        this.#forgetTried(ways);
        return at;
      }
      const next = this.#take(steps[step] as Step, step, at, text, slots, ways);
      if (next !== undefined) {
        step = next.step;
        at = next.at;
        continue;
      }
      const way = goBack(ways, slots);
      if (way === undefined) return undefined;
      step = way.step;
      at = way.at;
    }
  }

  #take(
    step: Step,
    index: number,
    at: number,
    text: string,
    slots: Int32Array,
    ways: number[],
  ): { step: number; at: number } | undefined {
    switch (step.kind) {
      case 'literal':
        return text.startsWith(step.text, at) ? { step: index + 1, at: at + step.text.length } : undefined;
      case 'one':
        step.test.lastIndex = at;
        return step.test.test(text) ? { step: index + 1, at: step.test.lastIndex } : undefined;
      case 'place':
        step.test.lastIndex = at;
        return step.test.test(text) ? { step: index + 1, at } : undefined;
      case 'jump':
        return { step: step.to, at };
      case 'save':
        ways.push(UNDO_FORK - step.slot, slots[step.slot] as number, 0);
        slots[step.slot] = at;
        return { step: index + 1, at };
      case 'forget':
        for (let slot = step.from; slot < step.to; slot++) {
          if (slots[slot] === -1) continue;
          ways.push(UNDO_FORK - slot, slots[slot] as number, 0);
          slots[slot] = -1;
        }
        return { step: index + 1, at };
      case 'fork': {
        const bit = at * this.#forkCount + step.index;
        const word = bit >>> 5;
        const mask = 1 << (bit & 31);
        if (((this.#tried[word] as number) & mask) !== 0) return undefined;
        this.#tried[word] = (this.#tried[word] as number) | mask;
        ways.push(step.second, at, bit);
        return { step: step.first, at };
      }
    }
  }

  /** Forks on the way to a match have not failed: the next search may come by them. */
  #forgetTried(ways: readonly number[]): void {
    for (let i = 0; i < ways.length; i += 3) {
      if ((ways[i] as number) < 0) continue;
      const bit = ways[i + 2] as number;
      const word = bit >>> 5;
      this.#tried[word] = (this.#tried[word] as number) & ~(1 << (bit & 31));
    }
  }
}

function goBack(ways: number[], slots: Int32Array): { step: number; at: number } | undefined {
  while (ways.length > 0) {
    ways.pop();
    const value = ways.pop() as number;
    const step = ways.pop() as number;
    if (step >= 0) return { step, at: value };
    slots[UNDO_FORK - step] = value;
  }
  return undefined;
}

class Compiler {
  readonly steps: Step[] = [];
  forks = 0;

  /** False for what this matcher cannot do. */
  add(node: PatternNode): boolean {
    if (this.steps.length > STEPS_MAX) return false;
    switch (node.kind) {
      case 'one':
        this.steps.push(
          node.literal === undefined
            ? { kind: 'one', test: new RegExp(node.source, 'vy') }
            : { kind: 'literal', text: node.literal },
        );
        return true;
      case 'place':
        this.steps.push({ kind: 'place', test: new RegExp(node.source, 'vy') });
        return true;
      case 'sequence':
        return node.items.every((item) => this.add(item));
      case 'group':
        this.steps.push({ kind: 'save', slot: 2 * node.index });
        if (!this.add(node.body)) return false;
        this.steps.push({ kind: 'save', slot: 2 * node.index + 1 });
        return true;
      case 'choice':
        return this.#choice(node.options);
      case 'repeat':
        return this.#repeat(node);
      case 'other':
        return false;
    }
  }

  #choice(options: readonly PatternNode[]): boolean {
    const ends: { to: number }[] = [];
    for (const [position, option] of options.entries()) {
      const fork = position < options.length - 1 ? this.#fork() : undefined;
      if (!this.add(option)) return false;
      if (!fork) continue;
      const jump = { kind: 'jump' as const, to: 0 };
      this.steps.push(jump);
      ends.push(jump);
      fork.second = this.steps.length;
    }
    for (const end of ends) end.to = this.steps.length;
    return true;
  }

  #repeat({ body, low, high, isLazy }: Extract<PatternNode, { kind: 'repeat' }>): boolean {
    const groups = groupsOf(body);
    // An iteration that reads nothing is none; where iterations are counted, that depends on more than the place.
    if (high > low && isNullable(body) && (high !== Infinity || hasLazy(body))) return false;
    const once = (): boolean => {
      if (groups.length > 0) {
        this.steps.push({ kind: 'forget', from: 2 * Math.min(...groups), to: 2 * Math.max(...groups) + 2 });
      }
      return this.add(body);
    };
    for (let count = 0; count < low; count++) if (!once()) return false;
    if (high === Infinity) {
      const start = this.steps.length;
      const fork = this.#fork();
      if (!once()) return false;
      this.steps.push({ kind: 'jump', to: start });
      this.#leave([fork], isLazy);
      return true;
    }
    const forks: Extract<Step, { kind: 'fork' }>[] = [];
    for (let count = low; count < high; count++) {
      forks.push(this.#fork());
      if (!once()) return false;
    }
    this.#leave(forks, isLazy);
    return true;
  }

  /** A fork into what follows it. */
  #fork(): Extract<Step, { kind: 'fork' }> {
    const fork = { kind: 'fork' as const, index: this.forks++, first: this.steps.length + 1, second: 0 };
    this.steps.push(fork);
    return fork;
  }

  /** The other way of these forks leads here; a lazy one prefers it. */
  #leave(forks: readonly Extract<Step, { kind: 'fork' }>[], isLazy: boolean): void {
    for (const fork of forks) {
      fork.second = this.steps.length;
      if (isLazy) [fork.first, fork.second] = [fork.second, fork.first];
    }
  }
}

function groupsOf(node: PatternNode): readonly number[] {
  switch (node.kind) {
    case 'group':
      return [node.index, ...groupsOf(node.body)];
    case 'sequence':
      return node.items.flatMap(groupsOf);
    case 'choice':
      return node.options.flatMap(groupsOf);
    case 'repeat':
      return groupsOf(node.body);
    default:
      return [];
  }
}

function hasLazy(node: PatternNode): boolean {
  switch (node.kind) {
    case 'sequence':
      return node.items.some(hasLazy);
    case 'choice':
      // An option that reads nothing, before one that reads something, is as lazy.
      return node.options.some((option) => hasLazy(option) || isNullable(option));
    case 'group':
      return hasLazy(node.body);
    case 'repeat':
      return node.isLazy || hasLazy(node.body);
    default:
      return false;
  }
}

function isNullable(node: PatternNode): boolean {
  switch (node.kind) {
    case 'one':
      return false;
    case 'sequence':
      return node.items.every(isNullable);
    case 'choice':
      return node.options.some(isNullable);
    case 'group':
      return isNullable(node.body);
    case 'repeat':
      return node.low === 0 || isNullable(node.body);
    default:
      return true;
  }
}
