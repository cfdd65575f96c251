import { RecordsRefusedError } from '../ports/broker.js';
import type { Command, CommandRecord } from './command.js';
import { LogMovedError, type CommandLog, type DeletedRecords, type LoggedBytes } from './command-log.js';
import { EMPTY_STATE, fold, foldFailure, type CommandState } from './fold.js';
import type { RecordCodec } from './record-codec.js';

type LoggedStatement = Extract<CommandRecord, { readonly kind: 'statement' }>;
export type LoggedCommand = Extract<CommandRecord, { readonly kind: 'command' }>;

/** How often the log may move while old statements are restated in it. */
const MOVES_MAX = 20;

/** What a statement of an old log comes to, over the state before it. @throws the user's mistake, where it is one by now */
export type Restate = (statement: LoggedStatement, state: CommandState) => Pick<Command, 'effect' | 'facts'>;

/** The log was written on by a later server: this one must not run what it only half knows. */
export class LaterLogError extends Error {
  override readonly name = 'LaterLogError';
  constructor(topic: string, sequenceNumber: number, reason: string) {
    super(
      `command ${sequenceNumber} of ${topic} was written by a later version of this server: ${reason}. Nothing is run; start that version again.`,
    );
  }
}

/** A command that would be without effect for whoever reads it: a bug, which the log is kept clean of. */
class UnreadableCommandError extends Error {
  override readonly name = 'UnreadableCommandError';
  constructor(reason: string) {
    super(`the command is not logged, as it could not be read again: ${reason}`);
  }
}

function requireReadable(record: CommandRecord): void {
  if (record.kind !== 'command')
    throw new UnreadableCommandError('reason' in record ? record.reason : 'it has no plan');
  const { effect } = record;
  if (effect.kind === 'change' && effect.query && 'unreadable' in effect.query.plan)
    throw new UnreadableCommandError(effect.query.plan.unreadable);
}

/** The state of a server: its log, and all of it folded. Not concurrent. */
export class Commands {
  #state: CommandState = EMPTY_STATE;
  /** Planned here of statements that hold text only, and not yet in the log; oldest first. */
  readonly #planned: LoggedCommand[] = [];

  constructor(
    private readonly log: CommandLog,
    private readonly codec: RecordCodec,
    private readonly restate: Restate,
  ) {}

  get state(): CommandState {
    return this.#state;
  }

  /** Set once a later server has written to the log: what runs goes on, and no command is taken any more. */
  get laterLog(): LaterLogError | undefined {
    const { later } = this.#state;
    return later && new LaterLogError(this.log.topic, later.sequenceNumber, later.reason);
  }

  /**
   * Reads and folds all of the log, and writes nothing. What a server that logged text only has left is planned in the place where it
   * stands, as long as no record says what it came to.
   *
   * @returns the commands that have an effect, oldest first
   * @throws LaterLogError
   */
  async open(): Promise<readonly LoggedCommand[]> {
    return this.#takeAll(await this.log.open());
  }

  /**
   * Folds what others have appended since the last look, and writes nothing.
   * @returns those that have an effect, oldest first
   * @throws LaterLogError; the state stays as it was before the later record
   */
  async follow(): Promise<readonly LoggedCommand[]> {
    return this.#takeAll(await this.log.read());
  }

  /**
   * For the one server that may write: folds what others have appended, and appends what was planned here of statements that hold text
   * only, so that it is planned once and never again.
   * @returns the commands that were not folded before
   */
  async own(nowMs: number): Promise<readonly LoggedCommand[]> {
    let commands: readonly LoggedCommand[];
    if (this.#planned.length === 0) commands = await this.follow();
    else {
      // An owner before may have planned them otherwise, and what it came to counts.
      this.#planned.length = 0;
      this.#state = EMPTY_STATE;
      commands = this.#takeAll(await this.log.readAgain());
    }
    await this.restateOld(nowMs);
    return commands;
  }

  /**
   * Appends what was planned of statements that hold text only. What it came to does not depend on where the log ends. One that cannot be
   * logged, as its record is larger than the topic takes, has its effect all the same, and is planned again at the next start: no reason to
   * run nothing.
   */
  async restateOld(nowMs: number): Promise<void> {
    for (let moves = 0; this.#planned.length > 0;) {
      const [{ sequenceNumber, ...command }] = this.#planned as [LoggedCommand];
      try {
        await this.append({ ...command, statement: '', restates: sequenceNumber }, nowMs);
      } catch (error) {
        if (error instanceof LogMovedError && ++moves < MOVES_MAX) {
          await this.follow();
          continue;
        }
        if (!(error instanceof RecordsRefusedError) && !(error instanceof UnreadableCommandError)) throw error;
      }
      this.#planned.shift();
    }
  }

  #takeAll(read: readonly (LoggedBytes | DeletedRecords)[]): readonly LoggedCommand[] {
    const records = inPlace(read.map((bytes) => this.#decode(bytes)));
    const commands = records.map((record) => this.#take(record)).filter((command) => command !== undefined);
    this.#requireKnown();
    return commands;
  }

  /**
   * Appends a command that was planned against the present state, and folds what was written: decoded again, as any start has it.
   * @returns its sequence number
   * @throws UnreadableCommandError: nothing was written
   * @throws LogMovedError when there is more in the log than was folded
   * @throws LaterLogError when a later server has written: a command of this one would stand on a state that it does not know
   */
  async append(command: Command, nowMs: number): Promise<number> {
    this.#requireKnown();
    const bytes = this.codec.encode(command);
    const record = this.codec.decode(this.log.end, bytes.key, bytes.value);
    requireReadable(record);
    await this.log.append(bytes, record.sequenceNumber, nowMs);
    this.#take(record);
    return record.sequenceNumber;
  }

  #decode(read: LoggedBytes | DeletedRecords): CommandRecord {
    const { sequenceNumber } = read;
    if ('areDeleted' in read)
      return {
        kind: 'unreadable',
        sequenceNumber,
        reason: 'this command and all before it were deleted from the topic',
      };
    return this.codec.decode(sequenceNumber, read.key, read.value);
  }

  /** @returns the command that had an effect */
  #take(record: CommandRecord): LoggedCommand | undefined {
    const command = record.kind === 'statement' ? this.#restated(record) : record;
    if (command === undefined) return undefined;
    this.#state = fold(this.#state, command);
    return command.kind === 'command' && command.restates === undefined ? command : undefined;
  }

  #restated(record: LoggedStatement): LoggedCommand | undefined {
    try {
      const command: LoggedCommand = { ...record, kind: 'command', ...this.restate(record, this.#state) };
      this.#planned.push(command);
      return command;
    } catch (error) {
      const { sequenceNumber, statement } = record;
      const reason = error instanceof Error ? error.message : String(error);
      this.#state = foldFailure(this.#state, { sequenceNumber, statement, reason });
      return undefined;
    }
  }

  #requireKnown(): void {
    const later = this.laterLog;
    if (later !== undefined) throw later;
  }
}

/** Gives the statements of an old log the effects that a later record has for them. */
function inPlace(records: readonly CommandRecord[]): readonly CommandRecord[] {
  const restated = new Map<number, LoggedCommand>();
  for (const record of records) {
    if (record.kind !== 'command' || record.restates === undefined) continue;
    // The first: what ran from then on. Another is of a server that started at the same time.
    if (!restated.has(record.restates)) restated.set(record.restates, record);
  }
  return records.map((record) => {
    const later = record.kind === 'statement' ? restated.get(record.sequenceNumber) : undefined;
    if (record.kind !== 'statement' || later === undefined) return record;
    return { ...record, kind: 'command', effect: later.effect, facts: later.facts };
  });
}
