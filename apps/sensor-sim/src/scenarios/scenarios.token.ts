/** Injection token of the scenarios by name. */
export const SCENARIOS = Symbol('scenarios');
