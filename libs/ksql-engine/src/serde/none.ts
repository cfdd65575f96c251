import { KsqlError } from '../errors/sql-error.js';
import { Serde, type Format } from './format.js';

/** NONE: no columns, no bytes. For keys of key-less streams. */
export const noneFormat: Format = {
  name: 'NONE',
  supportsKey: true,
  supportsValue: false,
  validate({ columns, isKey }) {
    if (!isKey) throw new KsqlError("The 'NONE' format can not be used for values");
    if (columns.length > 0) {
      throw new KsqlError(
        `The 'NONE' format can only be used when no columns are defined. Got: [${columns.map(({ name }) => `\`${name}\``).join(', ')}]`,
      );
    }
  },
  createSerde: () => NOTHING,
};

class NothingSerde extends Serde {
  decode(): boolean {
    return false;
  }
  encode(): boolean {
    return false;
  }
}

/** For every key without columns, whatever its format. */
export const NOTHING: Serde = new NothingSerde(0);

class EmptyRowSerde extends Serde {
  decode(): boolean {
    return true;
  }
  encode(): boolean {
    return true;
  }
}

/** For values without columns where the format has no text for that: any value is a row, and a row is an empty value. */
export const EMPTY_ROW: Serde = new EmptyRowSerde(0);
