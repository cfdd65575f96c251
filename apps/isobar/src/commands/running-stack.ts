import { observeStack, stackHome, type StackState } from '@isobar/local-stack';

/** What the running stack of this home says about itself; undefined when none runs, or none that somebody supervises. */
export function runningStack(): StackState | undefined {
  const seen = observeStack(stackHome());
  return seen.kind === 'running' ? seen.state : undefined;
}
