import type { JsonScanner } from './json-scanner.js';

/** What one spelling of a field name means. */
interface FieldSlot {
  readonly bytes: Uint8Array;
  /** The columns that this spelling may fill; `exact` is the one that is spelled so, or -1. */
  readonly columns: readonly number[];
  readonly exact: number;
}

/** Of a name that could not be taken. */
const NO_SLOT: FieldSlot = { bytes: new Uint8Array(0), columns: [], exact: -1 };

/** More distinct spellings than this are looked up anew each time, so that hostile input cannot fill the memory. */
const SLOTS_MAX = 1024;

/**
 * Finds the columns of a field name: the column that is spelled so, and the one whose upper-case name it is in another spelling. A quoted
 * name with a small letter is filled by its own spelling alone. Producers write the fields of each record in the same order, so the name that stood at
 * this place in an earlier record is compared first, byte by byte, without making a string.
 */
export class JsonFieldTable {
  private readonly slots = new Map<string, FieldSlot>();
  private readonly expected: FieldSlot[] = [];
  private readonly byExactName = new Map<string, number>();
  /** Per column the number of the object in which its exact name was met last. */
  private readonly exactSeen: Float64Array;
  private objectNumber = 0;

  constructor(names: readonly string[]) {
    this.exactSeen = new Float64Array(names.length);
    names.forEach((name, index) => this.byExactName.set(name, index));
  }

  startObject(): void {
    this.objectNumber++;
  }

  /** Whether this spelling may fill the column: the exact name may always, another one unless the exact name was met before. */
  mayFill(column: number, slot: FieldSlot): boolean {
    if (slot.exact !== column) return this.exactSeen[column] !== this.objectNumber;
    this.exactSeen[column] = this.objectNumber;
    return true;
  }

  /** Takes the name and the colon of the `place`-th field of an object. */
  take(scanner: JsonScanner, place: number): FieldSlot {
    const expected = this.expected[place];
    if (expected !== undefined && scanner.takeFieldIfEqual(expected.bytes)) return expected;
    const name = scanner.takeField();
    if (scanner.hasFailed) return NO_SLOT;
    const slot = this.slots.get(name) ?? this.addSlot(name);
    if (place < SLOTS_MAX) this.expected[place] = slot;
    return slot;
  }

  private addSlot(name: string): FieldSlot {
    const exact = this.byExactName.get(name) ?? -1;
    const upper = this.byExactName.get(name.toUpperCase()) ?? -1;
    const columns = [...new Set([exact, upper])].filter((column) => column >= 0);
    const slot = { bytes: Buffer.from(name), columns, exact };
    if (this.slots.size < SLOTS_MAX) this.slots.set(name, slot);
    return slot;
  }
}
