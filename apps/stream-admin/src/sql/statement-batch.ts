import { KsqlServerError, type SqlPlace } from '@isobar/ksql-client';
import { type PipelineObject, SqlFileError } from '@isobar/pipeline';

/** What ksql-server says when it refuses a change in read-only mode; the code is that of every 403. */
const readOnly = 'READ_ONLY=true';
/** The file is right, and waiting does not help. */
const onceWithout =
  ' What the files say is deployed by a start without READ_ONLY; after that the mode can be turned on again.';

interface Part {
  readonly object: PipelineObject;
  /** Line of the batch where the file's first line stands, counted from 1. */
  readonly firstLine: number;
}

/**
 * Many files as one request: the engine checks all statements of a request before it runs the first, so that a broken
 * one leaves everything as it was. Knows which line of the request belongs to which file.
 */
export class StatementBatch {
  readonly text: string;
  readonly #parts: readonly Part[];

  /** @param preamble statements that run before the files', for example DROPs */
  constructor(objects: readonly PipelineObject[], preamble: readonly string[] = []) {
    const parts: Part[] = [];
    const lines = [...preamble];
    for (const object of objects) {
      parts.push({ object, firstLine: lines.length + 1 });
      lines.push(...object.sql.trimEnd().split('\n'));
    }
    this.text = lines.join('\n');
    this.#parts = parts;
  }

  /** Says in which file, line and column the engine found fault. */
  fileError(error: KsqlServerError): SqlFileError {
    // A syntax error carries the whole request as its statement; then only the place tells the file.
    const named = error.statementText?.trim() === this.text.trim() ? undefined : this.#partNamed(error.statementText);
    const part = named ?? this.#partAt(error.place);
    const file = part?.object.file ?? '(the deployment as a whole)';
    const isPlaceInside = part !== undefined && error.place !== undefined && this.#partAt(error.place) === part;
    const place = isPlaceInside
      ? { line: error.place.line - part.firstLine + 1, column: error.place.column }
      : part && this.#startOf(part);
    const advice = error.message.includes(readOnly) ? onceWithout : '';
    return new SqlFileError(file, place, `${withoutPlace(error.message)}${advice}`);
  }

  #partAt(place: SqlPlace | undefined): Part | undefined {
    return place && this.#parts.findLast((part) => part.firstLine <= place.line);
  }

  #partNamed(statement: string | undefined): Part | undefined {
    const name =
      /^\s*CREATE\s+(?:OR\s+REPLACE\s+)?(?:SOURCE\s+)?(?:STREAM|TABLE)\s+(?:IF\s+NOT\s+EXISTS\s+)?(`[^`]+`|[\w-]+)/i
        .exec(statement ?? '')?.[1]
        ?.replaceAll('`', '');
    return this.#parts.find((part) => part.object.name.toUpperCase() === name?.toUpperCase());
  }

  /** The first line of the statement itself, after the comments above it. */
  #startOf(part: Part): SqlPlace {
    const line = part.object.sql.split('\n').findIndex((text) => /^\s*CREATE\b/i.test(text));
    return { line: line === -1 ? 1 : line + 1, column: 1 };
  }
}

/** The engine counts lines of the request, which nobody sees; the file's own place stands before the message. */
const withoutPlace = (message: string): string =>
  message.replace(/\bline:? \d+(?::\d+|, col(?:umn)?:? \d+):?\s*/i, '').trim();
