import type { PipelineObject } from '@isobar/pipeline';
import { LOGGER, Problem } from '@isobar/service-kit';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { asReplacement } from '../sql/as-replacement.js';
import { DeploymentLease } from './deployment-lease.js';
import { QueryWatch } from './health/query-watch.js';
import { PipelineState } from './pipeline-state.js';
import type { PlanView } from './plan-schema.js';
import { Plans } from './plans.js';
import { RedeployQuery, refuseWhileBusy, toProblem } from './redeploy-query.js';
import { RunBatch } from './run-batch.js';

export interface CarriedOut {
  readonly plan: string;
  readonly created: readonly string[];
  readonly replaced: readonly string[];
  /** Dropped and made again from the earliest record. */
  readonly redeployed: readonly string[];
  /** Drifted, and left alone: repair or adopt them. */
  readonly left: readonly string[];
}

/** Carries out a plan that somebody has seen: exactly that, or nothing. */
@Injectable()
export class CarryOutPlan {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly plans: Plans,
    private readonly state: PipelineState,
    private readonly lease: DeploymentLease,
    private readonly batch: RunBatch,
    private readonly redeploy: RedeployQuery,
    private readonly watch: QueryWatch,
  ) {}

  /**
   * @param acceptsRepeats rows of objects that are made anew come again in their topics
   * @throws Problem 409 when the files or what runs are not what they were; 422 when an object is blocked, or rows would come again unasked
   */
  async run(id: string, acceptsRepeats: boolean): Promise<CarriedOut> {
    refuseWhileBusy(this.state);
    return this.state.exclusive(`plan ${id}`, async () => {
      let objects: readonly PipelineObject[] = [];
      try {
        return await this.lease.hold(`plan ${id}`, async () => {
          const now = await this.plans.makeWithObjects();
          objects = now.objects;
          refuseStale(id, this.plans.get(id), now.plan);
          refuseUnasked(now.plan, acceptsRepeats);
          const done = await this.carryOut(now.plan, objects);
          this.state.objects = objects;
          await this.watch.refresh();
          this.logger.info({ ...done }, 'plan carried out');
          return done;
        });
      } catch (error) {
        throw toProblem(error, objects);
      }
    });
  }

  private async carryOut(plan: PlanView, objects: readonly PipelineObject[]): Promise<CarriedOut> {
    const having = (...wanted: PlanView['items'][number]['verdict'][]): readonly PipelineObject[] =>
      objects.filter(({ name }) => plan.items.some((item) => item.name === name && wanted.includes(item.verdict)));
    const names = (of: readonly PipelineObject[]): string[] => of.map(({ name }) => name);
    const replaced = having('in place');
    if (replaced.length > 0) await this.batch.run(replaced.map(toReplacement), 'redeployed');
    const anew = having('side by side');
    const redeployed = anew.length > 0 ? (await this.redeploy.replace(names(anew), objects)).redeployed : [];
    const created = having('new', 'missing').filter(({ name }) => !redeployed.includes(name));
    // What was terminated is made in the place of its old self, so that nothing that reads it has to go.
    const terminated = new Set(plan.items.filter(({ reason }) => reason === 'terminated').map(({ name }) => name));
    const batch = created.map((object) => (terminated.has(object.name) ? toReplacement(object) : object));
    if (batch.length > 0) await this.batch.run(batch, 'created');
    return {
      plan: plan.id,
      created: names(created),
      replaced: names(replaced),
      redeployed: [...redeployed],
      left: names(having('drifted')),
    };
  }
}

const toReplacement = (object: PipelineObject): PipelineObject => ({ ...object, sql: asReplacement(object.sql) });

function refuseStale(id: string, seen: PlanView | undefined, now: PlanView): void {
  if (id === now.id) return;
  throw new Problem(409, {
    type: 'plan-out-of-date',
    title: 'The files or what runs are not what they were when the plan was made; nothing was changed',
    detail: seen === undefined ? `Plan ${id} is not of this state, which is ${now.id}` : whatChanged(seen, now),
    fix: { text: 'Make a new plan', cli: 'npx isobar queries plan' },
  });
}

function whatChanged(seen: PlanView, now: PlanView): string {
  const text = ({ verdict, runs, wants }: PlanView['items'][number]): string => JSON.stringify([verdict, runs, wants]);
  const before = new Map(seen.items.map((item) => [item.name, text(item)]));
  const after = new Map(now.items.map((item) => [item.name, text(item)]));
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => before.get(name) !== after.get(name),
  );
  if (names.length > 0) return `Changed since ${seen.madeAt}: ${names.join(', ')}`;
  return seen.filesHash === now.filesHash
    ? `A topic or the journal of deployments changed since ${seen.madeAt}`
    : `Files changed since ${seen.madeAt}`;
}

function refuseUnasked({ items }: PlanView, acceptsRepeats: boolean): void {
  const blocked = items.filter(({ verdict }) => verdict === 'blocked');
  const anew = items.filter(({ verdict }) => verdict === 'side by side');
  const errors = blocked.map(({ name, because }) => ({ pointer: `/${name}`, detail: because.join('; ') }));
  if (blocked.length > 0)
    throw new Problem(422, {
      type: 'plan-blocked',
      title: 'The plan has objects that cannot be deployed; nothing was changed',
      detail: errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join('; '),
      errors,
      fix: { text: 'Correct the files and make a new plan', cli: 'npx isobar queries plan' },
    });
  if (anew.length === 0 || acceptsRepeats) return;
  throw new Problem(422, {
    type: 'plan-blocked',
    title:
      'The plan makes objects anew from the earliest record, and nobody said that their rows may come again; nothing was changed',
    detail: anew.map(({ name, reason }) => `${name} (${reason})`).join(', '),
    errors: anew.map(({ name, because }) => ({ pointer: `/${name}`, detail: because.join('; ') })),
    fix: {
      text: 'Say that their rows may come again (acceptsRepeats)',
      cli: 'npx isobar queries deploy PLAN --accept-repeats',
    },
  });
}
