import type { Row } from '../../../types/sql-value.js';

/** Which left rows wait at which key of the right table. Follows from the left rows, so it is rebuilt rather than stored. */
export class Subscriptions {
  private readonly byForeignKey = new Map<string, Map<string, Row>>();

  add(foreignKey: string, leftKey: string, leftKeyRow: Row): void {
    const subscribers = this.byForeignKey.get(foreignKey);
    if (subscribers === undefined) this.byForeignKey.set(foreignKey, new Map([[leftKey, leftKeyRow]]));
    else subscribers.set(leftKey, leftKeyRow);
  }

  remove(foreignKey: string, leftKey: string): void {
    const subscribers = this.byForeignKey.get(foreignKey);
    subscribers?.delete(leftKey);
    if (subscribers?.size === 0) this.byForeignKey.delete(foreignKey);
  }

  of(foreignKey: string): readonly (readonly [leftKey: string, leftKeyRow: Row])[] {
    return [...(this.byForeignKey.get(foreignKey) ?? [])];
  }
}
