import { z } from 'zod';

/**
 * Builders for the variables of a service. Each carries a sentence that says what the variable is, so that a wrong value can be
 * answered with its name, its meaning and what it should be.
 */

/** A whole number; `unit` belongs to the variable's name (`_MS`, `_BYTES`) and to its sentence. */
export function integer(options: { what: string; min: number; max: number; default: number }) {
  const expected = `a whole number from ${options.min} to ${options.max}`;
  return z
    .string()
    .trim()
    .regex(/^-?\d+$/, { error: `must be ${expected}` })
    .transform(Number)
    .pipe(
      z
        .number()
        .min(options.min, { error: `must be ${expected}` })
        .max(options.max, { error: `must be ${expected}` }),
    )
    .default(options.default)
    .describe(options.what);
}

/** A TCP port; 0 lets the system choose a free one. */
export const port = (defaultPort: number) =>
  integer({ what: 'the port this service listens on (0: any free port)', min: 0, max: 65_535, default: defaultPort });

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(options: {
  what: string;
  words: Words;
  default: Words[number];
}) {
  return z
    .enum(options.words, { error: `must be one of ${options.words.join(', ')}` })
    .default(options.default as never)
    .describe(options.what);
}

/** `true` or `false`. */
export function flag(options: { what: string; default: boolean }) {
  return z
    .enum(['true', 'false'], { error: 'must be true or false' })
    .default(options.default ? 'true' : 'false')
    .transform((word) => word === 'true')
    .describe(options.what);
}

/** Non-empty text. */
export function text(options: { what: string; default?: string }) {
  const schema = z.string({ error: 'it must be' }).trim().min(1, { error: 'must not be empty' });
  return (options.default === undefined ? schema : schema.default(options.default)).describe(options.what);
}

/** An http or https address without a trailing slash. */
export function httpUrl(options: { what: string; default?: string }) {
  const expected = 'must be an http:// or https:// address';
  const schema = z.url({ protocol: /^https?$/, error: expected }).transform((url) => url.replace(/\/+$/, ''));
  return (options.default === undefined ? schema : schema.default(options.default)).describe(options.what);
}

/** `postgres://user:password@host:port/database`. The value is never shown, since it holds a password. */
export function postgresUrl(options: { what: string; default?: string }) {
  const schema = z.url({
    protocol: /^postgres(ql)?$/,
    error: 'must look like postgres://user:password@host:port/database',
  });
  return (options.default === undefined ? schema : schema.default(options.default))
    .describe(options.what)
    .meta({ secret: true });
}

/** `smtp://user:password@host:port`, or smtps. The value is never shown, since it may hold a password. */
export function smtpUrl(options: { what: string }) {
  return z
    .url({ protocol: /^smtps?$/, error: 'must look like smtp://user:password@host:port' })
    .describe(options.what)
    .meta({ secret: true });
}

/** `host:port`, several separated by commas. */
export function brokerList(options: { what: string; default?: string }) {
  const expected = 'must be host:port, several separated by commas';
  const text = options.default === undefined ? z.string() : z.string().default(options.default);
  return (text as z.ZodType<string, string | undefined>)
    .transform((list) => list.split(',').map((broker) => broker.trim()))
    .pipe(
      z
        .array(
          z.string().refine(
            (broker) => {
              const match = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(broker);
              return match !== null && Number(match[2]) > 0 && Number(match[2]) <= 65_535;
            },
            { error: expected },
          ),
        )
        .min(1, { error: expected }),
    )
    .describe(options.what);
}

/** Text in a small format of its own; `parse` throws an error whose message says what is wrong. */
export function parsed<Value>(options: { what: string; default: string; parse: (text: string) => Value }) {
  return z
    .string()
    .default(options.default)
    .transform((text, context): Value => {
      try {
        return options.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    })
    .describe(options.what);
}
