import type { RunPlan } from './run-plan.js';

/** Plans that do a little less, the largest cuts first. */
function* smaller(plan: RunPlan): Generator<RunPlan> {
  if (plan.faults.length > 0) yield { ...plan, faults: [] };
  if (plan.isOnDisk) yield { ...plan, isOnDisk: false };
  if (plan.servers > 1) yield { ...plan, servers: plan.servers - 1 };
  if (plan.partitions > 1) yield { ...plan, partitions: 1 };
  for (let size = Math.ceil(plan.steps.length / 2); size >= 1; size = Math.floor(size / 2))
    for (let at = 0; at < plan.steps.length; at += size)
      yield { ...plan, steps: [...plan.steps.slice(0, at), ...plan.steps.slice(at + size)] };
  for (const [at, faults] of plan.faults.entries())
    for (const fault of faults)
      yield {
        ...plan,
        faults: plan.faults.with(
          at,
          faults.filter((each) => each !== fault),
        ),
      };
}

/**
 * The smallest plan that was found to go wrong still, in so many tries. Whatever is left out shifts all that is random behind it, so that a
 * plan may go wrong in another way than the first.
 */
export async function shrinkPlan(
  plan: RunPlan,
  goesWrong: (plan: RunPlan) => Promise<boolean>,
  triesMax: number,
): Promise<RunPlan> {
  let smallest = plan;
  for (let tries = 0; tries < triesMax;) {
    let found: RunPlan | undefined;
    for (const candidate of smaller(smallest)) {
      if (tries++ >= triesMax) break;
      if (!(await goesWrong(candidate))) continue;
      found = candidate;
      break;
    }
    if (found === undefined) break;
    smallest = found;
  }
  return smallest;
}
