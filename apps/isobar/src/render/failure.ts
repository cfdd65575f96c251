import { withInvisibleEscaped } from '@isobar/contracts';
import { StackError, type Failure } from '@isobar/local-stack';
import { asTyped } from './hint.js';
import { bold, dim, red } from './style.js';

/** Cause, fix and log of a failed step, as lines. */
export function failureLines(failure: Failure): string[] {
  const lines = failure.lastLogLines.map((line) => dim(`   │ ${line}`));
  lines.push('', ` ${red('■')} ${bold(failure.step)}  failed  ${failure.what}`, '');
  if (failure.why !== undefined) lines.push(`   Why    ${failure.why}`);
  if (failure.fix !== undefined) lines.push(`   Fix    ${failure.fix}`);
  if (failure.logFile !== undefined)
    lines.push(`   Log    ${failure.logFile}${failure.lastLogLines.length > 0 ? '  (last lines above)' : ''}`);
  if (failure.notStarted.length > 0)
    lines.push(`   Not started: ${failure.notStarted.join(', ')}. The data is untouched.`);
  return lines.map((line) => asTyped(line));
}

/** A failure in one sentence. */
export const failureSentence = ({ step, what, why }: Failure): string =>
  `${step}: ${what}${why === undefined ? '' : ` (${why})`}`;

/** An error outside any step. */
export function printError(error: unknown): void {
  const isKnown = error instanceof StackError;
  const message = error instanceof Error ? error.message : String(error);
  const failure: Failure = {
    step: 'isobar',
    what: message.split('\n').map(withInvisibleEscaped).join('\n'),
    ...(isKnown ? error.details : {}),
    lastLogLines: [],
    notStarted: [],
  };
  console.error(failureLines(failure).join('\n'));
}
