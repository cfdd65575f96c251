import { declaredTopics, resultTopics } from '@isobar/contracts';
import type { Readiness } from '../part.js';
import type { OpenTransaction } from './open-transactions.js';

const ourTopics: readonly string[] = [...declaredTopics.map(({ name }) => name), ...Object.values(resultTopics)];

/** What transactions that stay open do to us: trouble where one holds back our topics, and a remark where it holds back others. */
export function heldBackReaders(open: readonly OpenTransaction[]): Pick<Readiness, 'trouble' | 'degraded'> {
  const describe = ({ id, openMs, topics }: OpenTransaction): string =>
    `readers of ${topics.join(', ') || 'no topic'} wait for the transaction ${id} of another program, open for ` +
    `${Math.round(openMs / 1000)} s; end that program's work, or drop what it wrote: npx isobar transactions abort ${id}`;
  const isOurs = ({ topics }: OpenTransaction): boolean => topics.some((topic) => ourTopics.includes(topic));
  const [ours, others] = [open.filter(isOurs), open.filter((each) => !isOurs(each))];
  if (ours.length > 0) return { trouble: ours.map(describe).join('; ') };
  return others.length > 0 ? { degraded: others.map(describe).join('; ') } : {};
}
