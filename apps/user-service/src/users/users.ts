import type { CityCatalog } from '@isobar/contracts';
import { Problem, type ProblemField } from '@isobar/service-kit';
import type { EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import { checkUnchanged, pageOf } from '../database/rows.js';
import { cityErrors } from './check-city.js';
import type { NewUser, UserChange, UserQuery } from './user-fields.js';
import { User } from './user.entity.js';

const idMax = Number.MAX_SAFE_INTEGER;

/** The people, as the REST interface reads and changes them. */
export class Users {
  constructor(
    private readonly catalog: CityCatalog,
    private readonly database: Database,
  ) {}

  /** People ordered by id, after the cursor. */
  list({ cityKey, q, limit, cursor }: UserQuery): Promise<{ items: readonly User[]; nextCursor: number | null }> {
    return this.database.read(async (manager) => {
      const query = manager
        .createQueryBuilder(User, 'person')
        .where('person.id > :cursor', { cursor })
        .orderBy('person.id')
        .take(limit + 1);
      if (cityKey !== undefined) query.andWhere('person.cityKey = :cityKey', { cityKey });
      if (q !== undefined)
        query.andWhere('(search_text(person.username) LIKE :begins OR search_text(person.fullName) LIKE :begins)', {
          begins: `${q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`,
        });
      return pageOf(await query.getMany(), limit);
    });
  }

  /** @throws Problem 404 */
  async get(id: number): Promise<User> {
    return this.database.read((manager) => findUser(manager, id));
  }

  /** @throws Problem 409 when the username is taken, 422 when a field cannot be accepted */
  async create(manager: EntityManager, fields: NewUser): Promise<User> {
    this.check(fields);
    const email = fields.email ?? `${fields.username}@isobar.example`;
    const { identifiers } = await manager.insert(User, { ...fields, email });
    return findUser(manager, Number((identifiers[0] as { id: string }).id));
  }

  /**
   * The person as this change left it, whatever changes come beside it: the row is locked from the look to the answer.
   *
   * @param ifMatch the tag of what the change was made from
   * @throws Problem 404, 409, 412, 422
   */
  async change(id: number, change: UserChange, ifMatch: string | undefined): Promise<User> {
    const given = Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== undefined),
    ) as Partial<User>;
    return this.database.transaction(async (manager) => {
      const user = await findUser(manager, id, { isForChange: true });
      checkUnchanged(user, ifMatch);
      this.check({ ...user, ...given });
      await manager.update(User, { id: user.id }, given);
      return findUser(manager, id);
    });
  }

  /** With the person goes all that is kept of them. @throws Problem 404, 412 */
  async remove(id: number, ifMatch: string | undefined): Promise<void> {
    await this.database.transaction(async (manager) => {
      const user = await findUser(manager, id, { isForChange: true });
      checkUnchanged(user, ifMatch);
      await manager.delete(User, { id: user.id });
    });
  }

  private check({ cityKey, tempHighF, tempLowF }: Pick<NewUser, 'cityKey' | 'tempHighF' | 'tempLowF'>): void {
    const errors: ProblemField[] = cityErrors(this.catalog, cityKey);
    if (tempHighF !== null && tempLowF !== null && tempLowF >= tempHighF)
      errors.push({ pointer: '/tempLowF', detail: `must be below tempHighF (${tempHighF} °F)` });
    if (errors.length > 0) throw Problem.validation(errors);
  }
}

/** @throws Problem 404 */
export async function findUser(manager: EntityManager, id: number, { isForChange = false } = {}): Promise<User> {
  const user =
    id > 0 && id <= idMax
      ? await manager.findOne(User, {
          where: { id: String(id) },
          ...(isForChange ? { lock: { mode: 'for_no_key_update' as const } } : {}),
        })
      : null;
  if (user === null) throw Problem.notFound('No such person', `There is no person ${id}; GET /users lists them.`);
  return user;
}
