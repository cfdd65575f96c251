/** A part the service needs before it can do its work. `check` rejects, with a reason for people, while the part is not ready. */
export interface ReadinessPart {
  readonly name: string;
  readonly check: () => Promise<void> | void;
  /** An optional part makes the service `degraded`, not unready. */
  readonly optional?: boolean;
}

export interface PartStatus {
  readonly status: 'up' | 'down';
  readonly optional?: true;
  readonly reason?: string;
}

export interface ReadinessReport {
  readonly status: 'ready' | 'degraded' | 'not ready';
  readonly parts: Readonly<Record<string, PartStatus>>;
}

const checkTimeoutMs = 2_000;

/** Slices register what they need; the health endpoints report it by name. */
export class Readiness {
  private readonly parts = new Map<string, ReadinessPart>();
  private isStopping = false;

  register(part: ReadinessPart): void {
    if (this.parts.has(part.name)) throw new Error(`The readiness part "${part.name}" is registered twice.`);
    this.parts.set(part.name, part);
  }

  /** From here on the service reports itself as not ready, so that no new work is sent to it. */
  stopping(): void {
    this.isStopping = true;
  }

  async report(): Promise<ReadinessReport> {
    const entries = await Promise.all(
      [...this.parts.values()].map(async (part) => [part.name, await statusOf(part)] as const),
    );
    if (this.isStopping) entries.push(['service', { status: 'down', reason: 'the service is stopping' }]);
    const down = entries.filter(([, part]) => part.status === 'down');
    const status = down.length === 0 ? 'ready' : down.every(([, part]) => part.optional) ? 'degraded' : 'not ready';
    return { status, parts: Object.fromEntries(entries) };
  }
}

async function statusOf(part: ReadinessPart): Promise<PartStatus> {
  const optional = part.optional === true ? ({ optional: true } as const) : {};
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      part.check(),
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`no answer within ${checkTimeoutMs} ms`)), checkTimeoutMs);
      }),
    ]);
    return { status: 'up', ...optional };
  } catch (error) {
    return { status: 'down', ...optional, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
