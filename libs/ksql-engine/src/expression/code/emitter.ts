import type { BoundExpression } from '../../analyze/bound-expression.js';
import type { FunctionContext, FunctionRegistry } from '../../functions/function.js';
import type { EvaluationBudget } from '../evaluation-budget.js';
import type { EvaluationErrors } from '../evaluator.js';
import type { Frame } from './frame.js';

/** A value that has been computed: an identifier or a literal in the generated code. */
export interface Operand {
  readonly code: string;
  readonly isNullable: boolean;
}

/** Writes the statements of one node and tells where its value stands. */
export type Emit<K extends BoundExpression['kind']> = (
  node: Extract<BoundExpression, { kind: K }>,
  emitter: Emitter,
) => Operand;

/** What a failure does at the place where code is being written. */
type Failure =
  | { readonly kind: 'return' }
  | { readonly kind: 'throw' }
  /** Leaves the labelled block of a part; `target` gets what `report` gives: null. */
  | { readonly kind: 'leave'; readonly label: string; readonly target: string; readonly report: string };

/** What is shared by all functions generated for one expression. */
export interface Program {
  readonly functions: FunctionRegistry;
  readonly context: FunctionContext;
  readonly errors: EvaluationErrors;
  readonly budget: EvaluationBudget;
  readonly constants: unknown[];
  /** Functions of lambdas, which stand before the evaluator. */
  readonly hoisted: string[];
  nextName: number;
  readonly rules: { readonly [K in BoundExpression['kind']]: Emit<K> };
}

/**
 * Writes straight-line code: each node becomes statements that leave its value in a variable. Failures of NULL operands and
 * the like leave by `return` or `break`, since throwing costs a microsecond; helpers may throw, then a `try` stands around.
 * Values of the user never enter the text: they are constants, passed beside it.
 */
export class Emitter {
  #lines: string[] = [];
  #failure: Failure;
  /** A helper that may throw was called since the current part began. */
  #mayThrow = false;
  #canLeave = false;
  readonly #columns = new Map<
    string,
    { readonly name: string; readonly part: 'key' | 'value'; readonly index: number }
  >();

  constructor(
    readonly program: Program,
    readonly frame: Frame,
    /** Identifiers of lambda parameters by name. */
    readonly variables: ReadonlyMap<string, string>,
  ) {
    this.#failure = { kind: frame.lambda === undefined ? 'throw' : 'return' };
  }

  get isInLambda(): boolean {
    return this.frame.lambda === undefined;
  }
  get mayThrow(): boolean {
    return this.#mayThrow;
  }

  emit(expression: BoundExpression): Operand {
    const rule = this.program.rules[expression.kind] as (node: BoundExpression, emitter: Emitter) => Operand;
    return rule(expression, this);
  }

  line(code: string): void {
    this.#lines.push(code);
  }

  name(prefix: string): string {
    return `${prefix}${this.program.nextName++}`;
  }

  /** The identifier of a constant. */
  constant(value: unknown): string {
    const known = this.program.constants.indexOf(value);
    return `c${known >= 0 ? known : this.program.constants.push(value) - 1}`;
  }

  /** The identifier of a helper that may throw for some values. */
  throwing(helper: unknown): string {
    this.#mayThrow = true;
    return this.constant(helper);
  }

  /** Keeps a value in a variable of its own. */
  keep(code: string, isNullable: boolean): Operand {
    const name = this.name('t');
    this.line(`const ${name} = ${code};`);
    return { code: name, isNullable };
  }

  /** The statement that fails with a cause. */
  fail(cause: Error): string {
    const name = this.constant(cause);
    switch (this.#failure.kind) {
      case 'return':
        return `return fail(${name}, ${this.frame.place});`;
      case 'throw':
        this.#mayThrow = true;
        return `throw ${name};`;
      case 'leave': {
        const { label, target, report } = this.#failure;
        this.#canLeave = true;
        return `{ ${target} = ${report}(${name}, ${this.frame.place}); break ${label}; }`;
      }
    }
  }

  /** Fails when the value is NULL. */
  require(operand: Operand, cause: Error): void {
    if (operand.isNullable) this.line(`if (${operand.code} === null) ${this.fail(cause)}`);
  }

  /** A column of the record, read once per evaluation (in lambdas: where it is used). */
  column(part: 'key' | 'value', index: number): Operand {
    if (this.isInLambda) return this.keep(this.frame.column(part, index), true);
    const id = `${part}${index}`;
    const known = this.#columns.get(id);
    if (known !== undefined) return { code: known.name, isNullable: true };
    const name = this.name(part === 'key' ? 'k' : 'v');
    this.#columns.set(id, { name, part, index });
    return { code: name, isNullable: true };
  }

  /** The statements that read the columns. */
  columnReads(): string {
    return [...this.#columns.values()]
      .map(({ name, part, index }) => `const ${name} = ${this.frame.column(part, index)};\n`)
      .join('');
  }

  /** What must stand before the loop over the records, for the columns and facts that are read. */
  hoistedReads(): string {
    return [...this.#columns.values()].map(({ part, index }) => `${this.frame.hoist(part, index)}\n`).join('');
  }

  /** A part whose failure is reported, under this text, and makes it alone NULL. */
  part(text: string, emit: () => Operand): Operand {
    const outer = { lines: this.#lines, failure: this.#failure, mayThrow: this.#mayThrow, canLeave: this.#canLeave };
    const target = this.name('t');
    const label = this.name('L');
    const report = this.#reporter(text);
    this.#lines = [];
    this.#failure = { kind: 'leave', label, target, report };
    this.#mayThrow = false;
    this.#canLeave = false;
    const value = emit();
    const lines = [...this.#lines, `${target} = ${value.code};`].join('\n');
    const isNullable = value.isNullable || this.#mayThrow || this.#canLeave;
    const body = this.#mayThrow
      ? `try {\n${lines}\n} catch (cause) { ${target} = ${report}(cause, ${this.frame.place}); }`
      : lines;
    const code = this.#canLeave ? `${label}: {\n${body}\n}` : body;
    this.#lines = outer.lines;
    this.#failure = outer.failure;
    this.#mayThrow = outer.mayThrow;
    this.#canLeave = outer.canLeave;
    this.line(`let ${target};`);
    this.line(`{\n${code}\n}`);
    return { code: target, isNullable };
  }

  /** The identifier of a function that reports a failure of this text and gives null. */
  #reporter(text: string): string {
    return this.constant(this.frame.reporter(this.program.errors, text));
  }

  code(): string {
    return this.#lines.join('\n');
  }
}
