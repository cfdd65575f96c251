/**
 * Settings that decide, beside its plan, what the results of a query are. All others act by their values of today: how much at once, how
 * far ahead of the clock, what is done about a failure.
 */
const RESULT_SETTINGS: ReadonlySet<string> = new Set([
  'auto.offset.reset',
  'ksql.functions.collect_list.limit',
  'ksql.functions.collect_set.limit',
]);

/** Their values when a query is made, for its record; one without a value is left out. */
export function resultSettings(property: (name: string) => string | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...RESULT_SETTINGS].flatMap((name) => {
      const value = property(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The settings of a query: as recorded, where they decide its results, else as they are. */
export function withRecorded(
  recorded: Readonly<Record<string, string>> | undefined,
  property: (name: string) => string | undefined,
): (name: string) => string | undefined {
  if (recorded === undefined) return property;
  return (name) => (RESULT_SETTINGS.has(name) ? recorded[name] : property(name));
}
