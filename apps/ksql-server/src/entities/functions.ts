import { formatParameterType, type SqlFunction, type SqlType } from '@isobar/ksql-engine';

const functionType = { scalar: 'SCALAR', aggregate: 'AGGREGATE', table: 'TABLE' } as const;

export function functionListItem(fn: SqlFunction): Record<string, unknown> {
  const category = fn.kind === 'scalar' ? fn.category : fn.kind === 'aggregate' ? 'AGGREGATE' : 'TABLE';
  return { name: fn.name, type: functionType[fn.kind], category };
}

/** A computed result type is that of the declared parameters, where those say enough. */
function returnType({ returns, parameters }: SqlFunction['overloads'][number]): string {
  if (typeof returns !== 'function') return formatParameterType(returns);
  try {
    return formatParameterType(returns(parameters.map((parameter) => parameter.type as SqlType)));
  } catch {
    return '';
  }
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
      returnType: overload.returnsText ?? returnType(overload),
      description: overload.description ?? '',
      argumentTypes: overload.parameters.map((parameter) => formatParameterType(parameter.type)),
    })),
  };
}
