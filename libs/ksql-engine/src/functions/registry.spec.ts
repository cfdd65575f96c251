import { describe, expect, it } from '@jest/globals';
import { createFunctionRegistry } from './registry.js';
import { abs } from './scalar/math/abs.js';

describe('function registry', () => {
  const registry = createFunctionRegistry();

  it('finds names in any case', () => {
    expect(registry.find('abs')).toBe(abs);
    expect(registry.find('no_such_function')).toBeUndefined();
  });

  it('lists the 149 functions', () => {
    expect(registry.list()).toHaveLength(149);
    for (const entry of registry.list()) {
      expect(entry.name).toMatch(/^[A-Z][A-Z0-9_]*$/);
      expect(entry.description).toMatch(/\.$/);
    }
  });

  it('refuses a second function of a name', () => {
    expect(() => createFunctionRegistry([abs])).toThrow('two functions have the name ABS');
  });
});
