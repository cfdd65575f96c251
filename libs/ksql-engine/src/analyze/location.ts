import type { SourceLocation } from '../errors/sql-error.js';

/** `Line: 1, Col: 19: `, or nothing where the place is not known. */
export function locationPrefix(location: SourceLocation | undefined): string {
  return location === undefined ? '' : `Line: ${location.line}, Col: ${location.column + 1}: `;
}
