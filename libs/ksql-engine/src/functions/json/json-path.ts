import type { JsonNode } from './json-node.js';

/** A step of a path: into a field, or into an element counted from 0. A number in brackets serves both. */
type Step = string;

const STEP = /\.([\p{L}\p{Nd}_:$@/|-]+)|\[([\p{L}\p{Nd}_]+)\]|\["((?:[^"\\]|\\.)*)"\]/uy;

export class JsonPath {
  private constructor(private readonly steps: readonly Step[]) {}

  /**
   * Grammar: `$` { `.name` | `[index]` | `["name"]` }. Wildcards, filters, slices and negative indexes are not supported.
   * @throws Error when the text is no such path
   */
  static parse(text: string): JsonPath {
    const steps: Step[] = [];
    let at = 1;
    if (!text.startsWith('$')) throw JsonPath.#error(text);
    while (at < text.length) {
      STEP.lastIndex = at;
      const match = STEP.exec(text);
      if (!match) throw JsonPath.#error(text);
      steps.push(match[1] ?? match[2] ?? (match[3] as string).replace(/\\(.)/gu, '$1'));
      at = STEP.lastIndex;
    }
    return new JsonPath(steps);
  }

  find(root: JsonNode): JsonNode | undefined {
    let node: JsonNode | undefined = root;
    for (const step of this.steps) {
      if (node?.kind === 'object') node = node.fields.get(step);
      else if (node?.kind === 'array') node = /^\d+$/.test(step) ? node.items[Number(step)] : undefined;
      else return undefined;
    }
    return node;
  }

  static #error(text: string): Error {
    return new Error(`'${text}' is no JSON path: write $, then .name, [index] or ["name"] for each step`);
  }
}
