/** Bare time units of a call, as the parser spells them, in ms. */
const UNITS: Readonly<Record<string, number>> = {
  DAYS: 86_400_000,
  HOURS: 3_600_000,
  MINUTES: 60_000,
  SECONDS: 1000,
  MILLISECONDS: 1,
};

/** @throws Error for units of no fixed length, such as MONTHS */
export function unitMs(unit: string): number {
  const ms = UNITS[unit.toUpperCase()] ?? UNITS[`${unit.toUpperCase()}S`];
  if (ms === undefined) throw new Error(`${unit} is no unit here: use ${Object.keys(UNITS).join(', ')}`);
  return ms;
}
