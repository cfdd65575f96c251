/** Values of JSON that somebody might send where something else is meant. */
export const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  '',
  'x',
  [],
  {},
  [[]],
  { a: { b: {} } },
  'x'.repeat(5_000),
  '\0',
  '__proto__',
];
