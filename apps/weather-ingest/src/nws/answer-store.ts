import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CacheFiles } from '../cache-files.js';

/** An answer as we keep it, with the validators exactly as they came. */
export interface StoredAnswer {
  readonly body: unknown;
  /** When the service last said that this is its answer. */
  readonly checkedAtMs: number;
  readonly expiresAtMs: number;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

const storedSchema = z.object({
  url: z.string(),
  body: z.unknown(),
  checkedAtMs: z.number(),
  expiresAtMs: z.number(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
});

/** Answers by address, in memory and on disk, so that a restart asks for nothing that is still fresh. */
export class AnswerStore {
  private readonly memory = new Map<string, StoredAnswer>();

  /** @param folder undefined keeps answers in memory only */
  constructor(
    private readonly folder: string | undefined,
    private readonly files = new CacheFiles(),
  ) {}

  async get(url: string): Promise<StoredAnswer | undefined> {
    const known = this.memory.get(url);
    if (known !== undefined || this.folder === undefined) return known;
    const text = await readFile(this.fileOf(this.folder, url), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const stored = storedSchema.safeParse(parseOrUndefined(text));
    if (!stored.success || stored.data.url !== url) return undefined;
    const { url: _url, ...answer } = stored.data;
    this.memory.set(url, answer);
    return answer;
  }

  async set(url: string, answer: StoredAnswer): Promise<void> {
    this.memory.set(url, answer);
    if (this.folder !== undefined)
      await this.files.writeAside(this.fileOf(this.folder, url), JSON.stringify({ url, ...answer }));
  }

  private fileOf(folder: string, url: string): string {
    return join(folder, `${createHash('sha256').update(url).digest('hex').slice(0, 24)}.json`);
  }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
