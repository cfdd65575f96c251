import { KsqlError } from '../errors/sql-error.js';
import type { WindowClause } from '../syntax/ast/statement.js';
import type { WindowSpec } from './nodes.js';

const DAY_MS = 86_400_000;

/**
 * The WINDOW clause with its defaults: grace fills up a day, but is none where only final results are wanted; the store keeps what
 * may still change, a day at least where nothing was said.
 */
export function windowSpec(
  { kind, sizeMs, advanceMs, retentionMs, graceMs }: WindowClause,
  emitFinal: boolean,
): WindowSpec {
  const advance = kind === 'HOPPING' ? (advanceMs ?? sizeMs) : sizeMs;
  if (sizeMs <= 0) throw new KsqlError(`Window size must be greater than zero, but is ${sizeMs} ms`);
  if (advance <= 0 || advance > sizeMs) {
    throw new KsqlError(
      `Window advancement interval should be more than zero and less than window duration which is ${sizeMs} ms, but given advancement interval is: ${advance} ms`,
    );
  }
  const usualGrace = Math.max(DAY_MS - sizeMs, 0);
  const grace = graceMs ?? (emitFinal ? 0 : usualGrace);
  const least = sizeMs + grace;
  if (retentionMs !== undefined && retentionMs < least) {
    throw new KsqlError(
      `The retention period of the window store Aggregate-GroupBy must be no smaller than its window size plus the grace period. Got size=[${sizeMs}], grace=[${grace}], retention=[${retentionMs}]`,
    );
  }
  return {
    type: kind,
    sizeMs,
    advanceMs: advance,
    graceMs: grace,
    retentionMs: retentionMs ?? sizeMs + (graceMs ?? usualGrace),
  };
}
