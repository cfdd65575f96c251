import { expect, it } from '@jest/globals';
import { hideSecrets } from './hide-secrets.js';

it.each([
  ['FATAL: password=hunter2, user=ann', 'FATAL: password=[hidden], user=ann'],
  ['"database.password": "hunter 2"}', '"database.password": [hidden]}'],
  ['at jdbc:postgresql://ann:hunter2@db:5432/x', 'at jdbc:postgresql://ann:[hidden]@db:5432/x'],
  ['password authentication failed for user "ann"', 'password authentication failed for user "ann"'],
])('%s', (text, shown) => {
  expect(hideSecrets(text)).toBe(shown);
});
