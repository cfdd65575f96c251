import { followsFromRecords, rebuild } from '../../life/rebuild.js';
import type { Evidence, Sample, Transition } from '../../life/types.js';
import type { RuleYear, Year } from './run-year.js';

/** How far the alerts of a year follow from the records that they cite. */
export interface EvidenceMeasures {
  readonly transitions: number;
  /** Share of them that is made again byte for byte. */
  readonly rebuilt: number;
  readonly citedRecords: number;
  /** Share of the cited records without which the outcome is another. */
  readonly needed: number;
  readonly mostCited: number;
  /** Of a transition with its evidence as JSON. */
  readonly mostBytes: number;
}

export function measureEvidence({ rules }: Year): EvidenceMeasures {
  let [transitions, rebuilt, citedRecords, needed, mostCited, mostBytes] = [0, 0, 0, 0, 0, 0];
  for (const one of rules)
    one.transitions.forEach((transition, index) => {
      if (!followsFromRecords(transition)) return;
      const before = beforeOf(one, transition, index);
      const bytes = JSON.stringify(transition);
      const records = recordsOf(transition.evidence);
      transitions++;
      mostCited = Math.max(mostCited, records.length);
      mostBytes = Math.max(mostBytes, bytes.length);
      if (JSON.stringify(rebuild(one.rule, before, transition)) === bytes) rebuilt++;
      for (const record of records) {
        citedRecords++;
        const again = rebuild(
          one.rule,
          before.map((other) => without(other, record)),
          without(transition, record),
        );
        if (outcomeOf(again) !== outcomeOf(transition)) needed++;
      }
    });
  return {
    transitions,
    rebuilt: rebuilt / transitions,
    citedRecords,
    needed: needed / citedRecords,
    mostCited,
    mostBytes,
  };
}

function beforeOf({ transitions }: RuleYear, { kind, episodeId }: Transition, index: number): readonly Transition[] {
  const before = transitions.slice(0, index).filter((other) => other.kind !== 'late-finding');
  return kind === 'raised' ? before.slice(-1) : before.filter((other) => other.episodeId === episodeId);
}

const recordsOf = ({ deciding, peak }: Evidence): readonly Sample[] =>
  peak === null || deciding.some(({ atMs }) => atMs === peak.atMs) ? deciding : [...deciding, peak];

const without = (transition: Transition, { atMs }: Sample): Transition => ({
  ...transition,
  evidence: {
    deciding: transition.evidence.deciding.filter((sample) => sample.atMs !== atMs),
    peak: transition.evidence.peak?.atMs === atMs ? null : transition.evidence.peak,
  },
});

/** Everything but what it cites. */
const outcomeOf = (transition: Transition | undefined): string => JSON.stringify({ ...transition, evidence: null });
