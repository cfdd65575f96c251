import { STRING, structType } from '../../src/types/sql-type.js';

/** STRUCT<A STRING>, which several test functions take or give. */
export const STRUCT_A = structType([{ name: 'A', type: STRING }]);
