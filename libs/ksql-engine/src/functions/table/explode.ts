import type { SqlArray } from '../../types/sql-value.js';
import type { TableFunction, TableOverload } from '../function.js';
import { elementType } from '../scalar/array/element.js';
import { arrayOf, DECIMAL_ANY, generic, param } from '../signature.js';

const overload = (parameter: TableOverload['parameters'][number], returnsText: string): TableOverload => ({
  parameters: [parameter],
  returns: (types) => elementType(types),
  returnsText,
  bind: () => (args) => (args[0] as SqlArray | null) ?? [],
});

export const explode: TableFunction = {
  kind: 'table',
  name: 'EXPLODE',
  description: 'One row per element of the array.',
  overloads: [
    overload(param('input', arrayOf(DECIMAL_ANY)), 'DECIMAL'),
    overload(param('list', arrayOf(generic('T'))), 'T'),
  ],
};
