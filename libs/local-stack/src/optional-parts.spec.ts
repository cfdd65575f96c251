import { beforeEach, describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import type { StackHome } from './home.js';
import { chooseSteps, readOptionalSteps, rememberOptionalSteps } from './optional-parts.js';
import { stepNames } from './plan.js';
import { temporaryHome } from './testing/fake-part.js';

const usual = stepNames.filter((name) => name !== 'registry');

describe('optional parts', () => {
  let home: StackHome;
  beforeEach(() => {
    home = temporaryHome();
  });

  it('run only when they are asked for', () => {
    expect(chooseSteps(home, {})).toEqual({ steps: usual, remembered: [] });
    expect(chooseSteps(home, { with: ['registry'] })).toEqual({ steps: [...stepNames], remembered: [] });
    expect(chooseSteps(home, { only: ['kafka', 'postgres'], with: ['registry'] }).steps).toEqual([
      'postgres',
      'kafka',
      'registry',
    ]);
  });

  it('run at the next start too, which knows that it was not asked, until they are left out', () => {
    rememberOptionalSteps(home, { with: ['registry'] });
    rememberOptionalSteps(home, {});
    expect(chooseSteps(home, {})).toEqual({ steps: [...stepNames], remembered: ['registry'] });
    expect(chooseSteps(home, { with: ['registry'] }).remembered).toEqual([]);
    expect(chooseSteps(home, { without: ['registry'] })).toEqual({ steps: usual, remembered: [] });
    rememberOptionalSteps(home, { without: ['registry'] });
    expect(chooseSteps(home, {}).steps).toEqual(usual);
  });

  it('stay away from a start of named parts alone', () => {
    rememberOptionalSteps(home, { with: ['registry'] });
    expect(chooseSteps(home, { only: ['kafka'] })).toEqual({ steps: ['kafka'], remembered: [] });
  });

  it.each(['', '{"with":["postgres","cats"]}'])('are none where the note is damaged: %j', (note) => {
    writeFileSync(home.optionalParts, note);
    expect(readOptionalSteps(home)).toEqual([]);
  });
});
