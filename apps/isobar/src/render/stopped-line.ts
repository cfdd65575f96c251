import { stackHome } from '@isobar/local-stack';
import { asTyped } from './hint.js';
import { duration } from './style.js';

/** The last line of a stop: that it is over, and what became of the data. */
export const stoppedLine = (tookMs: number): string =>
  asTyped(
    `stopped in ${duration(tookMs)}; nothing runs any more. Data is kept in ${stackHome().data}: npx isobar up goes on with it, npx isobar reset erases it`,
  );
