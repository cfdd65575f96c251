import { formatParameterType, type SqlFunction } from '@isobar/ksql-engine';

const functionType = { scalar: 'SCALAR', aggregate: 'AGGREGATE', table: 'TABLE' } as const;

export function functionListItem(fn: SqlFunction): Record<string, unknown> {
  const category = fn.kind === 'scalar' ? fn.category : fn.kind === 'aggregate' ? 'AGGREGATE' : 'TABLE';
  return { name: fn.name, type: functionType[fn.kind], category };
}

export function functionDescription(fn: SqlFunction): Record<string, unknown> {
  return {
    name: fn.name,
    description: fn.description,
    author: '',
    version: '',
    path: 'internal',
    type: functionType[fn.kind],
    functions: fn.overloads.map((overload) => ({
      arguments: overload.parameters.map((parameter, index) => ({
        name: parameter.name,
        type: formatParameterType(parameter.type),
        description: parameter.description ?? '',
        isVariadic: overload.variadicIndex === index,
      })),
      returnType:
        overload.returnsText ?? (typeof overload.returns === 'function' ? '' : formatParameterType(overload.returns)),
      description: overload.description ?? '',
      argumentTypes: overload.parameters.map((parameter) => formatParameterType(parameter.type)),
    })),
  };
}
