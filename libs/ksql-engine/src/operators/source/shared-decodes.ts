import type { FetchedRecords } from '../../ports/record-columns.js';
import type { RecordBatch } from '../record-batch.js';
import type { RecordDecoder } from './record-decoder.js';

/** So many records are decoded together; the longest run of records is a multiple of it. */
const BLOCK_RECORDS = 500;
/** So many values are kept, of all topics together. */
const KEPT_VALUES_MAX = 400_000;
/** At least one for each so many bytes of the records that they are decoded from: a value may be a long text. */
const VALUE_BYTES = 64;
/** After so many blocks it is forgotten what columns were asked for before the last as many. */
const GENERATION_BLOCKS = 64;
/** A block with a greater share of records that cannot be taken from it is decoded by each query for itself. */
const ODD_SHARE_MAX = 1 / 8;

/** The value columns that somebody reads; all when undefined. */
export type Columns = ReadonlySet<number> | undefined;

/** Records of a chunk, decoded: those from `start`, in the order of the batch's rows. */
export interface DecodedBlock {
  readonly start: number;
  readonly batch: RecordBatch;
  readonly columns: Columns;
  /** Greatest event time, ms. */
  readonly newestMs: number;
  /** Rows that are not in the batch, ascending: what becomes of such a record is decided by each query. */
  readonly odd: readonly number[];
}

interface KeptBlock {
  readonly values: number;
  forget(): void;
}

/**
 * What several queries decode of the same records, once for all of them: those that declare a topic alike have its records in the same
 * columns, and a query that needs few of these takes them from a block that has more.
 */
export class SharedDecodes {
  readonly #byDeclaration = new Map<string, WeakRef<DeclaredDecode>>();
  readonly #kept = new Set<KeptBlock>();
  #values = 0;

  /**
   * @param declaration all that decides what a record decodes to, as text
   * @param open a decoder that reports nothing and takes every time
   */
  of(declaration: string, open: (columns: Columns) => RecordDecoder): DeclaredDecode {
    const known = this.#byDeclaration.get(declaration)?.deref();
    if (known !== undefined) return known;
    for (const [text, decode] of this.#byDeclaration)
      if (decode.deref() === undefined) this.#byDeclaration.delete(text);
    const decode = new DeclaredDecode(open, (block) => this.#keep(block));
    this.#byDeclaration.set(declaration, new WeakRef(decode));
    return decode;
  }

  /** Oldest first they are forgotten. */
  #keep(block: KeptBlock): void {
    this.#kept.add(block);
    this.#values += block.values;
    for (const oldest of this.#kept) {
      if (this.#values <= KEPT_VALUES_MAX) break;
      this.#kept.delete(oldest);
      this.#values -= oldest.values;
      oldest.forget();
    }
  }
}

/** The blocks of one declaration. */
export class DeclaredDecode {
  readonly #blocks = new WeakMap<FetchedRecords, (DecodedBlock | null | undefined)[]>();
  readonly #decoders = new Map<string, { readonly columns: Columns; readonly decoder: RecordDecoder }>();
  /** What was asked for in this generation of blocks and in the one before; undefined for all columns. */
  #asked: Columns = new Set();
  #askedBefore: Columns = new Set();
  #decoded = 0;

  constructor(
    private readonly open: (columns: Columns) => RecordDecoder,
    private readonly keep: (block: KeptBlock) => void,
  ) {}

  /** The block that a record is in, with these columns; undefined where each query is to decode for itself. */
  blockOf(records: FetchedRecords, index: number, columns: Columns): DecodedBlock | undefined {
    const number = Math.floor(index / BLOCK_RECORDS);
    let blocks = this.#blocks.get(records);
    if (blocks === undefined) this.#blocks.set(records, (blocks = []));
    const known = blocks[number];
    if (known === null) return undefined;
    if (known !== undefined && covers(known.columns, columns)) return known;
    const block = this.#decode(records, number * BLOCK_RECORDS, columns);
    blocks[number] = block ?? null;
    if (block !== undefined) {
      const all = blocks;
      const { size, values } = block.batch;
      this.keep({
        values: Math.max(
          size * (1 + (block.columns?.size ?? values.length)),
          bytesOf(records, block.start, size) / VALUE_BYTES,
        ),
        forget: () => {
          if (all[number] === block) all[number] = undefined;
        },
      });
    }
    return block;
  }

  #decode(records: FetchedRecords, start: number, columns: Columns): DecodedBlock | undefined {
    this.#asked = union(this.#asked, columns);
    const wanted = union(this.#asked, this.#askedBefore);
    if (++this.#decoded % GENERATION_BLOCKS === 0) [this.#askedBefore, this.#asked] = [this.#asked, new Set()];
    const { columns: of, decoder } = this.#decoderOf(wanted);
    const batch = decoder.decode(records, start, Math.min(records.length, start + BLOCK_RECORDS));
    const { size, rows, count, timestamps } = batch;
    const odd: number[] = [];
    let newestMs = -Infinity;
    for (let n = 0, row = 0; row < size; row++) {
      if (n === count || rows[n] !== row) {
        odd.push(row);
        continue;
      }
      n++;
      newestMs = Math.max(newestMs, timestamps[row] as number);
    }
    return odd.length > size * ODD_SHARE_MAX ? undefined : { start, batch, columns: of, newestMs, odd };
  }

  #decoderOf(columns: Columns) {
    const key = columns === undefined ? 'all' : [...columns].sort((a, b) => a - b).join();
    let found = this.#decoders.get(key);
    if (found === undefined) this.#decoders.set(key, (found = { columns, decoder: this.open(columns) }));
    return found;
  }
}

/** Of the keys and values of so many records. */
function bytesOf({ parts }: FetchedRecords, from: number, count: number): number {
  const { keyStarts, keyEnds, valueStarts, valueEnds } = parts;
  let bytes = 0;
  for (let i = from; i < from + count; i++) {
    if ((keyStarts[i] as number) >= 0) bytes += (keyEnds[i] as number) - (keyStarts[i] as number);
    if ((valueStarts[i] as number) >= 0) bytes += (valueEnds[i] as number) - (valueStarts[i] as number);
  }
  return bytes;
}

function union(a: Columns, b: Columns): Columns {
  if (a === undefined || b === undefined) return undefined;
  return covers(a, b) ? a : new Set([...a, ...b]);
}

function covers(some: Columns, wanted: Columns): boolean {
  if (some === wanted || some === undefined) return true;
  if (wanted === undefined || wanted.size > some.size) return false;
  for (const column of wanted) if (!some.has(column)) return false;
  return true;
}
