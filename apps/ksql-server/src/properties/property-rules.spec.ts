import { describe, expect, it } from '@jest/globals';
import { requireOverrides, requireSettable, requireUnsettable } from './property-rules.js';

const overrides = (name: string, value: string, ignoresUnknown: boolean) => () =>
  requireOverrides(new Map([[name, value]]), ignoresUnknown);

describe('the properties of a request', () => {
  it.each([
    'ksql.service.id',
    'bootstrap.servers',
    'num.stream.threads',
    'ksql.streams.state.dir',
    'ksql.streams.application.id',
    // The server's own limits: whoever could lift them could hold up everybody with one statement.
    'ksql.expression.steps.max',
    'ksql.streams.ksql.expression.steps.max',
    'isobar.event.ahead.max.ms',
  ])('may not override %s, at any end point', (name) => {
    for (const ignoresUnknown of [false, true])
      expect(overrides(name, '1000000000000', ignoresUnknown)).toThrow(`prohibited by the KSQL server`);
    if (name.includes('.max')) expect(() => requireSettable(name, '1', 'SET')).toThrow('Unknown property');
    if (name.includes('.max')) expect(() => requireUnsettable(name, 'UNSET')).toThrow('Unknown property');
  });

  it('may set what is of the query alone; what nobody knows is refused where statements are taken', () => {
    for (const ignoresUnknown of [false, true])
      expect(overrides('auto.offset.reset', 'earliest', ignoresUnknown)).not.toThrow();
    expect(overrides('auto.offset.reset', 'soon', true)).toThrow('String must be one of');
    expect(overrides('no.such.thing', '1', true)).not.toThrow();
    expect(overrides('no.such.thing', '1', false)).toThrow('Not recognizable');
  });
});
