import { reasons, verdicts, type PipelinePlan } from '@isobar/pipeline';
import { z } from 'zod';

const reasonNames = Object.keys(reasons) as (keyof typeof reasons)[];

export const planItemSchema = z.object({
  name: z.string(),
  file: z.string().nullable().describe('null for what no file declares'),
  kind: z.enum(['STREAM', 'TABLE']),
  verdict: z.enum(verdicts).describe('what becomes of it when the plan is carried out'),
  reason: z.enum(reasonNames).nullable(),
  because: z.array(z.string()).describe('what differs, or where the mistake is'),
  downstream: z.array(z.string()).describe('what reads it, directly or not'),
  cost: z
    .object({
      records: z.number().describe('that are read again, at most'),
      seconds: z
        .number()
        .nullable()
        .describe('at the rate at which queries were last seen to catch up; null while none was'),
      cut: z.number().describe('records that retention or compaction has taken from what is read again'),
    })
    .nullable(),
  runs: z.string().nullable().describe('the statement that runs, as the engine spells it'),
  wants: z.string().nullable().describe('the statement of the file'),
});

export const planSchema = z.object({
  id: z.string().describe('of the files and of what runs: as long as both are the same, so is the id'),
  madeAt: z.string(),
  changes: z.number().describe('objects that would change; 0: nothing is to be done'),
  filesHash: z.string(),
  worldHash: z.string(),
  items: z.array(planItemSchema).describe('in dependency order, then what no file declares'),
});
export type PlanView = z.infer<typeof planSchema>;

const carriedOut = ['new', 'in place', 'side by side', 'missing'];

export const toView = (plan: PipelinePlan, madeAt: string): PlanView => ({
  id: `p-${plan.filesHash.slice(0, 6)}${plan.worldHash.slice(0, 6)}`,
  madeAt,
  changes: plan.items.filter(({ verdict }) => carriedOut.includes(verdict)).length,
  filesHash: plan.filesHash,
  worldHash: plan.worldHash,
  items: plan.items.map((item) => ({
    ...item,
    because: [...item.because],
    downstream: [...item.downstream],
    cost: item.cost && { ...item.cost, seconds: item.cost.seconds ?? null },
  })),
});
