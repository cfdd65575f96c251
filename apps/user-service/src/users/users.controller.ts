import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseIntPipe,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { entityTag } from '../database/rows.js';
import { ApiIdempotencyKey } from '../idempotency/api-idempotency-key.js';
import { answerMade, Idempotency } from '../idempotency/idempotency.js';
import {
  newUserSchema,
  userChangeSchema,
  userQuerySchema,
  userSchema,
  type NewUser,
  type UserChange,
  type UserQuery,
  type UserView,
} from './user-fields.js';
import type { User } from './user.entity.js';
import { Users } from './users.js';

@ApiTags('users')
@Controller('users')
export class UsersController {
  constructor(
    private readonly users: Users,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The people, ordered by id' })
  @ApiQuery({ name: 'cityKey', required: false, description: 'only the people of this city' })
  @ApiQuery({
    name: 'q',
    required: false,
    description: 'only those whose username or name begins so; capitals do not matter',
  })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page', z.object({ items: z.array(userSchema), nextCursor: z.int().nullable() }))
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'the database is not ready')
  async list(
    @Query(new SchemaPipe(userQuerySchema)) query: UserQuery,
  ): Promise<{ items: UserView[]; nextCursor: number | null }> {
    const { items, nextCursor } = await this.users.list(query);
    return { items: items.map(toView), nextCursor };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One person' })
  @ApiSchemaResponse(200, 'the person; ETag tells their state', userSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  async get(@Param('id', ParseIntPipe) id: number, @Res({ passthrough: true }) response: Response): Promise<UserView> {
    return tagged(response, await this.users.get(id));
  }

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'A new person' })
  @ApiSchemaBody(newUserSchema)
  @ApiSchemaResponse(201, 'the person', userSchema)
  @ApiProblem(503, 'the database is not ready')
  @ApiProblem(409, 'the username is taken, or another change of the same person did not end in time')
  @ApiProblem(422, 'a field cannot be accepted')
  async create(
    @Body(new SchemaPipe(newUserSchema)) fields: NewUser,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UserView> {
    const made = await this.idempotency.once(key, 'POST /users', fields, async (manager) => {
      const user = await this.users.create(manager, fields);
      return { location: `/users/${user.id}`, tag: entityTag(user), view: toView(user) };
    });
    return answerMade(response, made);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change what is given: move, rename, set limits' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag of what the change was made from' })
  @ApiSchemaBody(userChangeSchema)
  @ApiSchemaResponse(200, 'the person as changed', userSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  @ApiProblem(409, 'the username is taken, or another change of the same person did not end in time')
  @ApiProblem(412, 'they were changed meanwhile')
  @ApiProblem(422, 'a field cannot be accepted')
  async change(
    @Param('id', ParseIntPipe) id: number,
    @Body(new SchemaPipe(userChangeSchema)) change: UserChange,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UserView> {
    return tagged(response, await this.users.change(id, change, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a person and all that is kept of them' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag of who is meant' })
  @ApiSchemaResponse(204, 'the person is gone')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  @ApiProblem(412, 'they were changed meanwhile')
  async remove(@Param('id', ParseIntPipe) id: number, @Headers('if-match') ifMatch: string | undefined): Promise<void> {
    await this.users.remove(id, ifMatch);
  }
}

function tagged(response: Response, user: User): UserView {
  response.setHeader('ETag', entityTag(user));
  return toView(user);
}

const toView = (user: User): UserView => ({
  id: Number(user.id),
  username: user.username,
  fullName: user.fullName,
  email: user.email,
  cityKey: user.cityKey,
  tempHighF: user.tempHighF,
  tempLowF: user.tempLowF,
  aqiLimit: user.aqiLimit,
  createdAt: user.createdAt?.toISOString() ?? null,
  updatedAt: user.updatedAt?.toISOString() ?? null,
});
