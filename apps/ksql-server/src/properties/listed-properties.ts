import { SERVER_PROPERTIES } from './server-properties.js';

/** What SHOW PROPERTIES answers: every known property with its present value, and which of them were changed. */
export function listedProperties(
  config: Readonly<Record<string, string>>,
  overrides: ReadonlyMap<string, string>,
): Record<string, unknown> {
  const known = SERVER_PROPERTIES.map(({ name, defaultValue, level, isEditable }) => ({
    name,
    scope: 'KSQL',
    value: overrides.get(name) ?? config[name] ?? (defaultValue === '' ? null : defaultValue),
    editable: isEditable,
    level,
  }));
  const names = new Set(known.map(({ name }) => name));
  const others = [...new Set([...Object.keys(config), ...overrides.keys()])]
    .filter((name) => !names.has(name))
    .map((name) => ({
      name,
      scope: 'KSQL',
      value: overrides.get(name) ?? config[name],
      editable: overrides.has(name),
      level: 'SERVER',
    }));
  return {
    properties: [...known, ...others],
    overwrittenProperties: [...overrides.keys()],
    defaultProperties: known
      .map(({ name }) => name)
      .filter((name) => !overrides.has(name) && config[name] === undefined && !name.startsWith('ksql.streams.')),
  };
}
