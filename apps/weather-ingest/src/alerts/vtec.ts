import type { AlertProperties } from '../nws/answers.js';

/**
 * One line of the valid time event code, which numbers the warnings of an office:
 * `/class.action.office.phenomenon.significance.number.begin-end/`, such as `/O.CON.PHFO.FA.A.0009.260816T1150Z-260816T2200Z/`.
 */
export interface Vtec {
  /** O operational; T test, E and X experimental are for nobody. */
  readonly isOperational: boolean;
  /** NEW, CON, EXT, EXA, EXB, COR, UPG, CAN, EXP or ROU; an action that is not known yet goes on. */
  readonly action: string;
  /** The same through all messages of one warning: `PHFO.FA.A.0009`. */
  readonly event: string;
  /** null: until further notice; undefined: not to be read. */
  readonly endsAtMs: number | null | undefined;
}

const line = /^\/([OTEX])\.([A-Z]{3})\.([A-Z]{4}\.[A-Z]{2}\.[A-Z]\.\d{4})\.(?:\d{6}T\d{4}Z-(\d{6}T\d{4}Z))?/;
const notStated = '000000T0000Z';

/** The lines of a message; what is no such line (the hydrologic code stands beside it) is left out. */
export function vtecOf({ parameters }: Pick<AlertProperties, 'parameters'>): readonly Vtec[] {
  const codes: unknown = parameters?.['VTEC'];
  return (Array.isArray(codes) ? codes : []).flatMap((code: unknown) => {
    const match = typeof code === 'string' ? line.exec(code.trim()) : null;
    if (match === null) return [];
    const [, kind, action = '', event = '', end] = match;
    return [{ isOperational: kind === 'O', action, event, endsAtMs: end === undefined ? undefined : timeOf(end) }];
  });
}

/** `260816T2200Z`. */
function timeOf(text: string): number | null | undefined {
  if (text === notStated) return null;
  const ms = Date.parse(text.replace(/^(\d\d)(\d\d)(\d\d)T(\d\d)(\d\d)Z$/, '20$1-$2-$3T$4:$5:00Z'));
  return Number.isFinite(ms) ? ms : undefined;
}
