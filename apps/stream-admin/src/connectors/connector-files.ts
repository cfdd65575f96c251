import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';

export interface ConnectorFile {
  readonly file: string;
  readonly name: string;
  readonly config: Readonly<Record<string, string>>;
}

class ConnectorFileError extends Error {
  override readonly name = 'ConnectorFileError';
  constructor(
    readonly file: string,
    reason: string,
  ) {
    super(`${file}: ${reason}`);
  }
}

const configSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const fileSchema = z.union([z.object({ name: z.string().min(1), config: configSchema }), configSchema]);

const secretKey = /password|secret|token|credential|private\.key/i;
const reference = /^\$\{[a-z]+:[^}]+\}$/;

/**
 * Reads every `.json` file of the folder, either `{ "name": …, "config": { … } }` or the bare configuration (named by
 * its own `name`, else by the file).
 *
 * @throws ConnectorFileError for a file that is no configuration, or that holds a secret instead of a reference to one
 */
export async function readConnectorFiles(folder: string): Promise<ConnectorFile[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(files.map(async (file) => parseConnectorFile(file, await readFile(join(folder, file), 'utf8'))));
}

export function parseConnectorFile(file: string, text: string): ConnectorFile {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new ConnectorFileError(file, error instanceof Error ? error.message : String(error));
  }
  const parsed = fileSchema.safeParse(content);
  if (!parsed.success) throw new ConnectorFileError(file, z.prettifyError(parsed.error));
  const { name, config } = isNamed(parsed.data)
    ? parsed.data
    : { name: parsed.data['name'] ?? basename(file, '.json'), config: parsed.data };
  if (!config['connector.class']) throw new ConnectorFileError(file, 'connector.class is missing');
  for (const [key, value] of Object.entries(config)) {
    if (secretKey.test(key) && !reference.test(value)) {
      throw new ConnectorFileError(file, `${key} holds a value; refer to a secret instead, for example \${env:NAME}`);
    }
  }
  return { file, name, config };
}

type Parsed = z.infer<typeof fileSchema>;
const isNamed = (content: Parsed): content is Extract<Parsed, { config: Record<string, string> }> =>
  typeof content['config'] === 'object';
