import type { FunctionRegistry } from '../functions/function.js';
import type { PlanningContext } from './planned-statement.js';

/** Everything a statement is planned against. */
export type EngineContext = PlanningContext & { readonly functions: FunctionRegistry };
