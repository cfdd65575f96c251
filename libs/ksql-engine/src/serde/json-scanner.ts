import { asBuffer } from './as-buffer.js';
import { asciiText } from './bytes-text.js';

/**
 * Reads JSON from bytes, one token at a time, without building objects: numbers keep their digits, and what nobody asks for
 * is checked and skipped. Depth is limited, so that no input exhausts the stack.
 *
 * Bytes that are no JSON throw nothing, as an exception costs more than ten good records: the scanner keeps the first failure and is at
 * its end then, so that every loop over fields and items ends. What was taken since means nothing; whoever asked for a value looks at
 * `failure` when all is taken.
 */
const DEPTH_MAX = 1000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

/** `bad`: no value starts there, or the scanner has failed. */
export type JsonKind = 'object' | 'array' | 'string' | 'number' | 'true' | 'false' | 'null' | 'bad';

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

export class JsonScanner {
  private bytes: Buffer = Buffer.alloc(0);
  private begin = 0;
  private end = 0;
  private depth = 0;
  private reason: string | undefined;
  private path: string | undefined;
  /** Where the next token starts, once `peek` has skipped blanks. */
  position = 0;

  /** Reads the bytes between two places; what stands around them is never looked at. */
  start(bytes: Uint8Array, begin = 0, end = bytes.length): void {
    this.bytes = asBuffer(bytes);
    this.begin = begin;
    this.end = end;
    this.position = begin;
    this.depth = 0;
    this.reason = undefined;
    this.path = undefined;
  }

  get hasFailed(): boolean {
    return this.reason !== undefined;
  }

  /** Why the bytes, or what they stand for, cannot be taken, with the path of the place where it is known; undefined as long as they can. */
  get failure(): string | undefined {
    return this.reason === undefined || this.path === undefined ? this.reason : `${this.reason}, path: $${this.path}`;
  }

  /** Nothing is taken any more. A failure after the first says nothing. */
  fail(reason: string): void {
    this.reason ??= reason;
    this.position = this.end;
  }

  /** The failure happened in this place: paths grow from the inside out. */
  failedIn(place: string): void {
    this.path = place + (this.path ?? '');
  }

  /** The kind of the next value, after blanks. */
  peek(): JsonKind {
    const code = this.peekByte();
    switch (code) {
      case OPEN_OBJECT:
        return 'object';
      case OPEN_ARRAY:
        return 'array';
      case QUOTE:
        return 'string';
      case 0x74:
        return 'true';
      case 0x66:
        return 'false';
      case 0x6e:
        return 'null';
      default:
        if (code === MINUS || (code >= ZERO && code <= NINE)) return 'number';
        this.unexpected();
        return 'bad';
    }
  }

  /** Only blanks may follow. */
  finish(): void {
    if (this.peekByte() !== -1) this.unexpected();
  }

  /** Takes `{` or `[`. */
  open(): void {
    if (++this.depth > DEPTH_MAX) this.fail(`JSON is nested deeper than ${DEPTH_MAX} levels`);
    else this.position++;
  }

  /** After `open` of an object or after a field: true when another field follows, else takes the `}`. */
  hasField(isFirst: boolean): boolean {
    const code = this.peekByte();
    if (code === CLOSE_OBJECT) {
      this.close();
      return false;
    }
    if (!isFirst) {
      if (code !== COMMA) return this.unexpected();
      this.position++;
      if (this.peekByte() !== QUOTE) return this.unexpected();
    } else if (code !== QUOTE) return this.unexpected();
    return true;
  }

  /** After `open` of an array or after an item: true when another item follows, else takes the `]`. */
  hasItem(isFirst: boolean): boolean {
    const code = this.peekByte();
    if (code === CLOSE_ARRAY) {
      this.close();
      return false;
    }
    if (isFirst) return true;
    if (code !== COMMA) return this.unexpected();
    this.position++;
    return true;
  }

  /** Takes a field name that has these very bytes and its colon; false leaves the position. `hasField` came before. */
  takeFieldIfEqual(name: Uint8Array): boolean {
    const bytes = this.bytes;
    const start = this.position + 1;
    const length = name.length;
    if (start + length >= this.end || bytes[start + length] !== QUOTE) return false;
    for (let i = 0; i < length; i++) if (bytes[start + i] !== name[i]) return false;
    this.position = start + length + 1;
    this.takeColon();
    return true;
  }

  takeField(): string {
    const name = this.takeString();
    this.takeColon();
    return name;
  }

  takeString(): string {
    const start = this.position + 1;
    const bytes = this.bytes;
    let isAscii = true;
    for (let i = start; i < this.end; i++) {
      const code = bytes[i] as number;
      if (code === QUOTE) {
        this.position = i + 1;
        return isAscii ? asciiText(bytes, start, i) : bytes.toString('utf8', start, i);
      }
      if (code === BACKSLASH) return this.takeEscapedString(start, i);
      if (code < 0x20) return this.badText(i);
      if (code >= 0x80) isAscii = false;
    }
    return this.badText(this.end);
  }

  /**
   * A number of at most 15 digits without an exponent, exactly as `Number` would read it; NaN, and nothing taken, for any other. Both
   * the digits and the power of ten are doubles without error then, so one division rounds correctly.
   */
  takeShortNumber(): number {
    const { bytes, end } = this;
    let i = this.position;
    const isNegative = bytes[i] === MINUS;
    if (isNegative) i++;
    const first = i;
    let digits = 0;
    let code = 0;
    for (; i < end; i++) {
      code = bytes[i] as number;
      if (code < ZERO || code > NINE) break;
      digits = digits * 10 + (code - ZERO);
    }
    let count = i - first;
    if (count === 0 || (count > 1 && bytes[first] === ZERO)) return NaN;
    let fraction = 0;
    if (i < end && code === POINT) {
      const point = i++;
      for (; i < end; i++) {
        code = bytes[i] as number;
        if (code < ZERO || code > NINE) break;
        digits = digits * 10 + (code - ZERO);
      }
      fraction = i - point - 1;
      if (fraction === 0) return NaN;
      count += fraction;
    }
    if (count > 15 || (i < end && (code === 0x65 || code === 0x45))) return NaN;
    this.position = i;
    const value = fraction === 0 ? digits : digits / (POWERS_OF_TEN[fraction] as number);
    return isNegative ? -value : value;
  }

  /** The digits as written. */
  takeNumber(): string {
    const start = this.position;
    this.skipNumber();
    return this.hasFailed ? '0' : asciiText(this.bytes, start, this.position);
  }

  takeTrue(): void {
    this.takeWord('true');
  }
  takeFalse(): void {
    this.takeWord('false');
  }
  takeNull(): void {
    this.takeWord('null');
  }

  /** Checks and skips one value. */
  skipValue(): void {
    switch (this.peek()) {
      case 'object':
        this.open();
        for (let isFirst = true; this.hasField(isFirst); isFirst = false) {
          this.skipString();
          this.takeColon();
          this.skipValue();
        }
        return;
      case 'array':
        this.open();
        for (let isFirst = true; this.hasItem(isFirst); isFirst = false) this.skipValue();
        return;
      case 'string':
        return this.skipString();
      case 'number':
        return this.skipNumber();
      case 'true':
        return this.takeTrue();
      case 'false':
        return this.takeFalse();
      case 'null':
        return this.takeNull();
      case 'bad':
        return;
    }
  }

  private skipString(): void {
    const bytes = this.bytes;
    for (let i = this.position + 1; i < this.end; i++) {
      const code = bytes[i] as number;
      if (code === QUOTE) {
        this.position = i + 1;
        return;
      }
      if (code === BACKSLASH) {
        this.takeString();
        return;
      }
      if (code < 0x20) {
        this.badText(i);
        return;
      }
    }
    this.badText(this.end);
  }

  private skipNumber(): void {
    const bytes = this.bytes;
    let i = this.position;
    if (bytes[i] === MINUS) i++;
    const first = i;
    i = this.digits(i);
    if (bytes[first] === ZERO && i > first + 1) this.unexpected(first + 1);
    if (i < this.end && bytes[i] === POINT) i = this.digits(i + 1);
    if (i < this.end && (bytes[i] === 0x65 || bytes[i] === 0x45)) {
      i++;
      if (i < this.end && (bytes[i] === PLUS || bytes[i] === MINUS)) i++;
      i = this.digits(i);
    }
    if (!this.hasFailed) this.position = i;
  }

  private digits(from: number): number {
    const bytes = this.bytes;
    let i = from;
    while (i < this.end && (bytes[i] as number) >= ZERO && (bytes[i] as number) <= NINE) i++;
    if (i === from) this.unexpected(i);
    return i;
  }

  private takeEscapedString(start: number, firstEscape: number): string {
    const bytes = this.bytes;
    let text = bytes.toString('utf8', start, firstEscape);
    let from = firstEscape;
    for (let i = firstEscape; i < this.end; i++) {
      const code = bytes[i] as number;
      if (code === QUOTE) {
        this.position = i + 1;
        return text + bytes.toString('utf8', from, i);
      }
      if (code < 0x20) return this.badText(i);
      if (code !== BACKSLASH) continue;
      text += bytes.toString('utf8', from, i);
      const escape = i + 1 < this.end ? String.fromCharCode(bytes[i + 1] as number) : '';
      if (escape === 'u') {
        const digits = bytes.toString('latin1', i + 2, Math.min(i + 6, this.end));
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) return this.badText(i);
        text += String.fromCharCode(parseInt(digits, 16));
        i += 5;
      } else {
        const character = ESCAPES[escape];
        if (character === undefined) return this.badText(i);
        text += character;
        i += 1;
      }
      from = i + 1;
    }
    return this.badText(this.end);
  }

  private takeColon(): void {
    if (this.peekByte() !== COLON) this.unexpected();
    else this.position++;
  }

  private takeWord(word: string): void {
    const bytes = this.bytes;
    for (let i = 0; i < word.length; i++) {
      if (this.position + i >= this.end || bytes[this.position + i] !== word.charCodeAt(i)) {
        this.unexpected(this.position + i);
        return;
      }
    }
    this.position += word.length;
  }

  private close(): void {
    this.depth--;
    this.position++;
  }

  /** The next byte that is no blank, -1 at the end. */
  private peekByte(): number {
    const bytes = this.bytes;
    let i = this.position;
    while (i < this.end) {
      const code = bytes[i] as number;
      if (code > 0x20 || (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09)) {
        this.position = i;
        return code;
      }
      i++;
    }
    this.position = i;
    return -1;
  }

  /** Nothing is left to take. */
  private unexpected(at = this.position): false {
    if (at >= this.end) {
      this.fail('JSON ends too early');
      return false;
    }
    const code = this.bytes[at] as number;
    const shown = code > 0x20 && code < 0x7f ? `'${String.fromCharCode(code)}'` : `byte ${code}`;
    this.fail(`JSON has an unexpected ${shown} at byte ${at - this.begin}`);
    return false;
  }

  private badText(at: number): string {
    if (at >= this.end) this.fail('JSON ends inside a text');
    else this.unexpected(at);
    return '';
  }
}
