// Real servers on a busy machine now and then miss a time limit. What fails is run once more, when nothing else runs any more, and said to
// be unsteady when it passes then; what fails twice has failed. No stage passes by a second try without a word.

/**
 * @typedef {{ passed: number, failed: number, skipped: number, isCutShort?: boolean }} Counts `isCutShort`: it ended without a report,
 *   so nobody knows what else would have failed
 */

/**
 * @param {string} name
 * @param {Counts} first what came of it
 * @param {() => Promise<Counts>} runAgain of what failed
 * @param {string[]} tries where each second try is noted
 * @returns {Promise<Counts>}
 */
export async function onceMore(name, first, runAgain, tries) {
  if (first.failed === 0 || first.isCutShort === true) return first;
  console.log(`\n${name}: ${first.failed} failed; once more`);
  const second = await runAgain();
  // One that ran nothing has shown nothing.
  const failed = second.failed === 0 && second.passed === 0 ? first.failed : second.failed;
  const outcome = failed === 0 ? 'UNSTEADY' : 'FAILED AGAIN';
  tries.push(`${outcome}: ${name}: ${first.failed} failed at first, ${failed} the second time`);
  console.log(tries.at(-1));
  return { ...first, passed: first.passed + Math.max(0, first.failed - failed), failed };
}
