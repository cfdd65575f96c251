import { z } from 'zod';

/** One variable that cannot be used: its name, what it is for, and what it should be. */
export interface ConfigProblem {
  readonly variable: string;
  readonly what: string;
  readonly problem: string;
}

/** All problems at once, so that a person fixes them in one go. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CONFIG_INVALID';

  constructor(
    readonly service: string,
    readonly problems: readonly ConfigProblem[],
  ) {
    super(
      [
        `${service} cannot start: ${problems.length} ${problems.length === 1 ? 'setting is' : 'settings are'} wrong.`,
        ...problems.map(({ variable, what, problem }) => `  ${variable} ${problem}${what ? ` (${what})` : ''}`),
      ].join('\n'),
    );
  }
}

/**
 * Reads a service's settings from the environment. An empty variable counts as unset.
 *
 * @throws ConfigError listing every wrong variable.
 */
export function readConfig<Shape extends z.ZodObject>(
  service: string,
  schema: Shape,
  environment: Readonly<Record<string, string | undefined>>,
): z.output<Shape> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).flatMap((variable) => {
      const value = environment[variable];
      return value === undefined || value === '' ? [] : [[variable, value]];
    }),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;

  const problems = new Map<string, ConfigProblem>();
  for (const issue of result.error.issues) {
    const variable = String(issue.path[0] ?? '');
    if (problems.has(variable)) continue;
    const field: unknown = schema.shape[variable];
    const meta = field instanceof z.ZodType ? field.meta() : undefined;
    const value = given[variable];
    const shown = value === undefined ? 'is not set;' : meta?.secret === true ? '(value hidden)' : `is "${value}" and`;
    problems.set(variable, { variable, what: meta?.description ?? '', problem: `${shown} ${issue.message}` });
  }
  throw new ConfigError(service, [...problems.values()]);
}
