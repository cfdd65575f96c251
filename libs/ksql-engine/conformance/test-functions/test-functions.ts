import type { SqlFunction } from '../../src/functions/function.js';
import { badUdf } from './bad-udf.js';
import { genericVarArg } from './generic-var-arg.js';
import { midVarArg } from './mid-var-arg.js';
import { fiveArg, fourArg, multiArg } from './multi-arg.js';
import { objColArg } from './obj-col-arg.js';
import { testUdaf } from './test-udaf.js';
import { testUdf } from './test-udf.js';
import { testUdtf } from './test-udtf.js';
import { throwingUdtf } from './throwing-udtf.js';
import { toStruct } from './tostruct.js';
import { varArg } from './var-arg.js';
import { whenCondition, whenResult } from './when.js';

/** Functions that exist for ksqlDB's own test cases only. */
export const testFunctions: readonly SqlFunction[] = [
  badUdf,
  fiveArg,
  fourArg,
  genericVarArg,
  midVarArg,
  multiArg,
  objColArg,
  testUdaf,
  testUdf,
  testUdtf,
  throwingUdtf,
  toStruct,
  varArg,
  whenCondition,
  whenResult,
];
