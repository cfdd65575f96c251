import type { CityCatalog } from '@isobar/contracts';
import { Problem, type ProblemField } from '@isobar/service-kit';
import { MoreThan, QueryFailedError, type Repository } from 'typeorm';
import type { Database } from '../database/database.js';
import type { NewUser, UserChange, UserQuery } from './user-fields.js';
import { User } from './user.entity.js';

const uniqueViolation = '23505';
const idMax = Number.MAX_SAFE_INTEGER;

/** The people, as the REST interface reads and changes them. */
export class Users {
  constructor(
    private readonly repository: Repository<User>,
    private readonly catalog: CityCatalog,
    private readonly database: Database,
  ) {}

  /** People ordered by id, after the cursor. */
  async list({ cityKey, limit, cursor }: UserQuery): Promise<{ items: readonly User[]; nextCursor: number | null }> {
    const items = await this.database.use(() =>
      this.repository.find({
        where: { id: MoreThan(String(cursor)), ...(cityKey === undefined ? {} : { cityKey }) },
        order: { id: 'ASC' },
        take: limit + 1,
      }),
    );
    const page = items.slice(0, limit);
    return { items: page, nextCursor: items.length > limit ? Number(page.at(-1)?.id) : null };
  }

  /** @throws Problem 404 */
  async get(id: number): Promise<User> {
    const user =
      id > 0 && id <= idMax ? await this.database.use(() => this.repository.findOneBy({ id: String(id) })) : null;
    if (user === null) throw Problem.notFound('No such person', `There is no person ${id}; GET /users lists them.`);
    return user;
  }

  /** @throws Problem 409 when the username is taken, 422 when a field cannot be accepted */
  async create(fields: NewUser): Promise<User> {
    this.check(fields);
    const email = fields.email ?? `${fields.username}@isobar.example`;
    const result = await this.write(() => this.repository.insert({ ...fields, email }));
    return this.get(Number((result.identifiers[0] as { id: string }).id));
  }

  /** @throws Problem 404, 409, 422 */
  async change(id: number, change: UserChange): Promise<User> {
    const user = await this.get(id);
    const given = Object.fromEntries(
      Object.entries(change).filter(([, value]) => value !== undefined),
    ) as Partial<User>;
    this.check({ ...user, ...given });
    await this.write(() => this.repository.update({ id: user.id }, given));
    return this.get(id);
  }

  /** @throws Problem 404 */
  async remove(id: number): Promise<void> {
    const user = await this.get(id);
    await this.database.use(() => this.repository.delete({ id: user.id }));
  }

  private check({ cityKey, tempHighF, tempLowF }: Pick<NewUser, 'cityKey' | 'tempHighF' | 'tempLowF'>): void {
    const errors: ProblemField[] = [];
    if (this.catalog.get(cityKey) === undefined)
      errors.push({
        pointer: '/cityKey',
        detail: `"${cityKey}" is no known city; known: ${this.catalog
          .all()
          .map((city) => city.id)
          .join(', ')}`,
      });
    if (tempHighF !== null && tempLowF !== null && tempLowF >= tempHighF)
      errors.push({ pointer: '/tempLowF', detail: `must be below tempHighF (${tempHighF} °F)` });
    if (errors.length > 0) throw Problem.validation(errors);
  }

  private async write<Result>(statement: () => Promise<Result>): Promise<Result> {
    try {
      return await this.database.use(statement);
    } catch (error) {
      const code: unknown =
        error instanceof QueryFailedError ? (error.driverError as { code?: unknown }).code : undefined;
      if (code !== uniqueViolation) throw error;
      throw new Problem(409, {
        type: 'already-exists',
        title: 'This username is taken',
        errors: [{ pointer: '/username', detail: 'another person has it' }],
      });
    }
  }
}
