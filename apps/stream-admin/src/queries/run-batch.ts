import { KsqlClient, KsqlServerError, type KsqlEntity } from '@isobar/ksql-client';
import { type PipelineObject, SqlFileError } from '@isobar/pipeline';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { JournalUnwritableError } from '../topics/write-entries.js';
import { StatementBatch } from '../sql/statement-batch.js';
import { DeploymentJournal, type JournalEntry } from './deployment-journal.js';
import { EngineView, type EngineObject } from './engine-view.js';
import { PipelineState } from './pipeline-state.js';

const commandSchema = z.looseObject({
  '@type': z.literal('currentStatus'),
  commandId: z.string(),
  commandStatus: z.looseObject({ status: z.string(), message: z.string() }),
});

/** The engine answers a batch when all is done; each statement may take five seconds of waiting on its side. */
const batchTimeoutMs = 120_000;

/** Sends files to the engine as one request and notes in the journal what became of them. */
@Injectable()
export class RunBatch {
  constructor(
    private readonly ksql: KsqlClient,
    private readonly engine: EngineView,
    private readonly journal: DeploymentJournal,
    private readonly state: PipelineState,
  ) {}

  /**
   * @param preamble statements that run before the files'
   * @throws SqlFileError when the engine refuses a statement; KsqlError when it cannot be asked; JournalUnwritableError, which says whether
   *   the engine was told before: then what was made is known here, and to the next deployment, which finds what was begun
   */
  async run(objects: readonly PipelineObject[], action: JournalEntry['action'], preamble: readonly string[] = []) {
    const batch = new StatementBatch(objects, preamble);
    const options = { properties: { 'auto.offset.reset': 'earliest' }, timeoutMs: batchTimeoutMs };
    await this.journal.begin(toEntries(objects, action, new Map()));
    try {
      const entities = await this.ksql.execute(batch.text, options);
      const broken = entities.map(failedCommand).find((message) => message !== undefined);
      if (broken !== undefined) throw new SqlFileError('(the deployment as a whole)', undefined, broken);
      await this.note(objects, action);
    } catch (error) {
      if (!(error instanceof KsqlServerError)) throw error;
      // The engine may have run the statements before the refused one; only those count as deployed.
      const made = new Set(error.entities.map(createdName));
      await this.note(
        objects.filter((object) => made.has(object.name)),
        action,
      );
      if (error.retriable) throw error;
      await this.end(objects);
      throw batch.fileError(error);
    } finally {
      this.engine.forget();
    }
    // Not when it is unknown what became of it: then the next look at the engine tells.
    await this.end(objects);
  }

  /** What is begun and not ended is compared with what runs at the next deployment: that it cannot be written now changes nothing. */
  private async end(objects: readonly PipelineObject[]): Promise<void> {
    try {
      await this.journal.end(objects.map(({ name }) => name));
    } catch (error) {
      if (!(error instanceof JournalUnwritableError)) throw error;
    }
  }

  private async note(objects: readonly PipelineObject[], action: JournalEntry['action']): Promise<void> {
    if (objects.length === 0) return;
    this.engine.forget();
    // Without an answer now, the next start of this service asks again.
    const made = await this.engine.objects().catch(() => new Map<string, EngineObject>());
    const entries = toEntries(objects, action, made);
    this.state.journal = new Map([...this.state.journal, ...entries.map((entry) => [entry.name, entry] as const)]);
    try {
      await this.journal.write(entries);
    } catch (error) {
      throw error instanceof JournalUnwritableError ? new JournalUnwritableError(error.reason, true) : error;
    }
  }
}

function toEntries(
  objects: readonly PipelineObject[],
  action: JournalEntry['action'],
  made: ReadonlyMap<string, EngineObject>,
): JournalEntry[] {
  const deployedAt = new Date().toISOString();
  return objects.map(({ name, file, kind, textHash, sql }) => ({
    name,
    file,
    kind,
    textHash,
    sql,
    action,
    deployedAt,
    runs: made.get(name)?.statement || undefined,
  }));
}

function failedCommand(entity: KsqlEntity): string | undefined {
  const command = commandSchema.safeParse(entity);
  if (!command.success || command.data.commandStatus.status !== 'ERROR') return undefined;
  return `${command.data.commandId}: ${command.data.commandStatus.message}`;
}

/** The name in a command id such as "stream/`READINGS`/create". */
function createdName(entity: unknown): string | undefined {
  const command = commandSchema.safeParse(entity);
  return command.success ? /^(?:stream|table)\/`?([^`/]+)`?\/create$/.exec(command.data.commandId)?.[1] : undefined;
}
