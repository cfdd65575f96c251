import { Problem } from '@isobar/service-kit';
import { MoreThan, type EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import { checkUnchanged, pageOf, rowId } from '../database/rows.js';
import type { PageQuery } from '../page-query.js';
import { Place } from '../places/place.entity.js';
import { findUser } from '../users/users.js';
import { metrics, type NewRule, type RuleChange } from './rule-fields.js';
import { Rule } from './rule.entity.js';

export const rulesMax = 100;

/** The rules of a person. */
export class Rules {
  constructor(private readonly database: Database) {}

  /** @throws Problem 404 */
  list(userId: number, { limit, cursor }: PageQuery) {
    return this.database.read(async (manager) => {
      await findUser(manager, userId);
      const found = await manager.find(Rule, {
        where: { userId: String(userId), id: MoreThan(String(cursor)) },
        order: { id: 'ASC' },
        take: limit + 1,
      });
      return pageOf(found, limit);
    });
  }

  /** @throws Problem 404 */
  get(userId: number, id: number): Promise<Rule> {
    return this.database.read((manager) => find(manager, userId, id));
  }

  /** @throws Problem 404, 422 */
  async create(manager: EntityManager, userId: number, fields: NewRule): Promise<Rule> {
    await findUser(manager, userId, { isForChange: true });
    if ((await manager.countBy(Rule, { userId: String(userId) })) >= rulesMax)
      throw Problem.validation([{ pointer: '', detail: `a person has at most ${rulesMax} rules` }]);
    const row = { ...toColumns(fields), userId: String(userId) };
    await check(manager, row as Rule);
    const { identifiers } = await manager.insert(Rule, row);
    return find(manager, userId, Number((identifiers[0] as { id: string }).id));
  }

  /** @param ifMatch the tag of what the change was made from @throws Problem 404, 412, 422 */
  change(userId: number, id: number, change: RuleChange, ifMatch: string | undefined): Promise<Rule> {
    return this.database.transaction(async (manager) => {
      // The person first, as everywhere: two changes that meet wait for each other in the same order.
      await findUser(manager, userId, { isForChange: true });
      const rule = await find(manager, userId, id);
      checkUnchanged(rule, ifMatch);
      const columns = toColumns(change);
      await check(manager, { ...rule, ...columns });
      await manager.update(Rule, { id: String(id) }, columns);
      return find(manager, userId, id);
    });
  }

  /** @throws Problem 404, 412 */
  async remove(userId: number, id: number, ifMatch: string | undefined): Promise<void> {
    await this.database.transaction(async (manager) => {
      await findUser(manager, userId, { isForChange: true });
      checkUnchanged(await find(manager, userId, id), ifMatch);
      await manager.delete(Rule, { id: String(id) });
    });
  }
}

/** What is given, as the table has it. */
function toColumns({
  minDurationSeconds,
  clearDelaySeconds,
  coolDownSeconds,
  quietHours,
  ...same
}: RuleChange): Partial<Rule> {
  const columns = {
    ...same,
    ...(minDurationSeconds === undefined ? {} : { onDelayMs: minDurationSeconds * 1_000 }),
    ...(clearDelaySeconds === undefined ? {} : { offDelayMs: clearDelaySeconds * 1_000 }),
    ...(coolDownSeconds === undefined ? {} : { coolDownMs: coolDownSeconds * 1_000 }),
    ...(quietHours === undefined
      ? {}
      : {
          quietFrom: quietHours?.from ?? null,
          quietTo: quietHours?.to ?? null,
          quietZone: quietHours?.zone ?? null,
        }),
  };
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

/** @throws Problem 422 when the rule as a whole asks for what cannot be */
async function check(manager: EntityManager, { metric, threshold, placeId, userId }: Rule): Promise<void> {
  const { min, max, unit, words } = metrics[metric];
  if (threshold < min || threshold > max)
    throw Problem.validation([
      { pointer: '/threshold', detail: `must be from ${min} to ${max} ${unit} for the ${words}, not ${threshold}` },
    ]);
  if (placeId !== null && !(await manager.existsBy(Place, { id: String(placeId), userId })))
    throw Problem.validation([
      { pointer: '/placeId', detail: `is no place of this person; GET /users/${userId}/places lists them` },
    ]);
}

/** @throws Problem 404 */
async function find(manager: EntityManager, userId: number, id: number): Promise<Rule> {
  const rule = await manager.findOneBy(Rule, { id: rowId(id), userId: rowId(userId) });
  if (rule === null)
    throw Problem.notFound(
      'No such rule',
      `Person ${userId} has no rule ${id}; GET /users/${userId}/rules lists them.`,
    );
  return rule;
}
