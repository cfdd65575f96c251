/** An exact decimal: `unscaled * 10^-scale`. Immutable. Arithmetic lives in types/decimal-math.ts. */
export class Decimal {
  constructor(
    readonly unscaled: bigint,
    readonly scale: number,
  ) {}

  /** Plain digits with the full scale: `1.10`, `-0.05`, `120`. */
  toString(): string {
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, '0');
    const point = digits.length - this.scale;
    const text = this.scale > 0 ? `${digits.slice(0, point)}.${digits.slice(point)}` : digits;
    return negative ? `-${text}` : text;
  }
}
