import { EVENT_AHEAD_MAX_PROPERTY } from '@isobar/ksql-engine';
import { SERVER_PROPERTIES } from './server-properties.js';

const DEFAULTS = new Map(SERVER_PROPERTIES.map(({ name, defaultValue }) => [name, defaultValue]));
/** No code of users runs in this server, so there is nothing to guard. */
const CHANGED_BY_SETUP = new Set(['ksql.udf.enable.security.manager']);

/** Settings of this server alone, which ksqlDB does not list: variables of the process (docs/how-to/limits.md). */
const OWN_SETTINGS = new Set([EVENT_AHEAD_MAX_PROPERTY]);

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
    .filter((name) => !names.has(name) && !OWN_SETTINGS.has(name))
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
      .filter((name) => !name.startsWith('ksql.streams.') && !CHANGED_BY_SETUP.has(name))
      .filter((name) => !overrides.has(name) && (config[name] ?? DEFAULTS.get(name)) === DEFAULTS.get(name)),
  };
}
