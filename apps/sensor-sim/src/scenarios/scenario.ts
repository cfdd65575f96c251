import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Which sensors an effect is for: of some cities, and all of a city, its first, or those with these numbers. */
const whereSchema = z.strictObject({
  cities: z.array(z.string()).min(1).optional(),
  sensors: z.union([z.literal('all'), z.literal('first-of-each-city'), z.array(z.int().min(1)).min(1)]).default('all'),
});

const where = whereSchema.default({ sensors: 'all' });
const durationMs = z.int().min(0).max(86_400_000);

const effectSchema = z.discriminatedUnion('kind', [
  /** The air itself changes, growing from nothing over `rampMs`. */
  z.strictObject({
    kind: z.literal('shift'),
    temperatureF: z.number().default(0),
    humidityPct: z.number().default(0),
    pressureHpa: z.number().default(0),
    pm25Ugm3: z.number().default(0),
    rampMs: durationMs.default(0),
    where,
  }),
  z.strictObject({ kind: z.literal('silent'), where }),
  z.strictObject({ kind: z.literal('stuck'), where }),
  z.strictObject({
    kind: z.literal('impossible'),
    temperatureF: z.number().optional(),
    humidityPct: z.number().optional(),
    pm25Ugm3: z.number().optional(),
    where,
  }),
  z.strictObject({ kind: z.literal('drifting'), temperatureFPerHour: z.number(), where }),
  /** Each reading this many times. */
  z.strictObject({ kind: z.literal('duplicated'), copies: z.int().min(2).max(10).default(2), where }),
  z.strictObject({ kind: z.literal('late'), delayMs: durationMs, where }),
  /** Every other reading after the one that follows it. */
  z.strictObject({ kind: z.literal('out-of-order'), where }),
]);

const scenarioSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  description: z.string().min(1),
  effects: z.array(effectSchema),
});

export type Where = z.output<typeof whereSchema>;
export type Effect = z.output<typeof effectSchema>;
export type Scenario = z.output<typeof scenarioSchema>;

/**
 * Reads `NAME.json` of a folder, each a scenario.
 *
 * @throws Error naming the file and what is wrong in it
 */
export function readScenarios(folder: string): ReadonlyMap<string, Scenario> {
  const scenarios = new Map<string, Scenario>();
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.json')) continue;
    const result = scenarioSchema.safeParse(parse(join(folder, file)));
    if (!result.success) {
      const issue = result.error.issues[0];
      throw new Error(`${join(folder, file)}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
    }
    if (file !== `${result.data.name}.json`)
      throw new Error(`${join(folder, file)} holds the scenario "${result.data.name}"; the names must agree.`);
    scenarios.set(result.data.name, result.data);
  }
  return scenarios;
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} is no JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
