import type { CityCatalog } from '@isobar/contracts';
import { Problem } from '@isobar/service-kit';
import { MoreThan, type EntityManager } from 'typeorm';
import type { Database } from '../database/database.js';
import { checkUnchanged, pageOf, rowId } from '../database/rows.js';
import { checkCity } from '../users/check-city.js';
import { findUser } from '../users/users.js';
import type { PageQuery } from '../page-query.js';
import type { NewPlace, PlaceChange } from './place-fields.js';
import { Place } from './place.entity.js';

export const placesMax = 50;

/** The places of a person beside their home. */
export class Places {
  constructor(
    private readonly catalog: CityCatalog,
    private readonly database: Database,
  ) {}

  /** @throws Problem 404 */
  list(userId: number, { limit, cursor }: PageQuery) {
    return this.database.read(async (manager) => {
      const { cityKey } = await findUser(manager, userId);
      const found = await manager.find(Place, {
        where: { userId: String(userId), id: MoreThan(String(cursor)) },
        order: { id: 'ASC' },
        take: limit + 1,
      });
      return { home: { cityKey }, ...pageOf(found, limit) };
    });
  }

  /** @throws Problem 404 */
  get(userId: number, id: number): Promise<Place> {
    return this.database.read((manager) => find(manager, userId, id));
  }

  /** @throws Problem 404, 409 when the person has a place of this name, 422 */
  async create(manager: EntityManager, userId: number, fields: NewPlace): Promise<Place> {
    checkCity(this.catalog, fields.cityKey);
    await findUser(manager, userId, { isForChange: true });
    if ((await manager.countBy(Place, { userId: String(userId) })) >= placesMax)
      throw Problem.validation([{ pointer: '', detail: `a person has at most ${placesMax} places` }]);
    const { identifiers } = await manager.insert(Place, { ...fields, userId: String(userId) });
    return find(manager, userId, Number((identifiers[0] as { id: string }).id));
  }

  /** @param ifMatch the tag of what the change was made from @throws Problem 404, 409, 412, 422 */
  change(userId: number, id: number, change: PlaceChange, ifMatch: string | undefined): Promise<Place> {
    if (change.cityKey !== undefined) checkCity(this.catalog, change.cityKey);
    return this.database.transaction(async (manager) => {
      checkUnchanged(await find(manager, userId, id, { isForChange: true }), ifMatch);
      await manager.update(Place, { id: String(id) }, change);
      return find(manager, userId, id);
    });
  }

  /** With the place go the rules for it. @throws Problem 404, 412 */
  async remove(userId: number, id: number, ifMatch: string | undefined): Promise<void> {
    await this.database.transaction(async (manager) => {
      checkUnchanged(await find(manager, userId, id, { isForChange: true }), ifMatch);
      await manager.delete(Place, { id: String(id) });
    });
  }
}

/** @throws Problem 404 */
async function find(manager: EntityManager, userId: number, id: number, { isForChange = false } = {}): Promise<Place> {
  const place = await manager.findOne(Place, {
    where: { id: rowId(id), userId: rowId(userId) },
    ...(isForChange ? { lock: { mode: 'for_no_key_update' as const } } : {}),
  });
  if (place === null)
    throw Problem.notFound(
      'No such place',
      `Person ${userId} has no place ${id}; GET /users/${userId}/places lists them.`,
    );
  return place;
}
