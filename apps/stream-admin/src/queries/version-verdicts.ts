import type { VersionState } from '@isobar/contracts';
import { planPipeline, type PipelineObject, type PlanItem } from '@isobar/pipeline';
import type { EngineObject } from './engine-view.js';
import type { JournalEntry } from './deployment-journal.js';

/** By name; what cannot be judged by its definition is not in it. */
export type Verdicts = ReadonlyMap<string, VersionState>;

/** Whether what runs is what the files say, by what the planner makes of both. The same question is answered once. */
export class VersionVerdicts {
  private last: { readonly question: string; readonly answer: Verdicts } | undefined;

  of(
    objects: readonly PipelineObject[],
    present: ReadonlyMap<string, EngineObject>,
    journal: ReadonlyMap<string, JournalEntry>,
  ): Verdicts {
    const running = [...present.values()].map(({ query, ...object }) => ({ ...object, hasQuery: query !== undefined }));
    const question = JSON.stringify([
      objects.map(({ name, textHash }) => [name, textHash]),
      running.map(({ name, statement, hasQuery, otherWriters }) => [name, statement, hasQuery, otherWriters]),
      [...journal.values()].map(({ name, textHash, runs }) => [name, textHash, runs]),
    ]);
    if (this.last?.question === question) return this.last.answer;
    const world = { objects: new Map(running.map((object) => [object.name, object])), topics: undefined, journal };
    const answer = new Map(
      planPipeline(objects, world).items.flatMap((item) => {
        const state = stateOf(item);
        return state === undefined ? [] : [[item.name, state] as const];
      }),
    );
    this.last = { question, answer };
    return answer;
  }
}

function stateOf({ verdict, reason }: PlanItem): VersionState | undefined {
  if (reason === 'engine-rejected') return undefined;
  switch (verdict) {
    case 'no change':
      return 'up-to-date';
    case 'drifted':
      return 'drifted';
    case 'in place':
      return 'changed';
    case 'side by side':
      return reason === 'source-anew' ? 'up-to-date' : 'changed';
    case 'blocked':
      return reason === 'dependant-breaks' ? 'changed' : undefined;
    case 'new':
    case 'missing':
    case 'unmanaged':
      return undefined;
  }
}
