import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
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
  constructor(private readonly users: Users) {}

  @Get()
  @ApiOperation({ summary: 'The people, ordered by id' })
  @ApiQuery({ name: 'cityKey', required: false, description: 'only the people of this city' })
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
  @ApiSchemaResponse(200, 'the person', userSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  async get(@Param('id', ParseIntPipe) id: number): Promise<UserView> {
    return toView(await this.users.get(id));
  }

  @Post()
  @ApiOperation({ summary: 'A new person' })
  @ApiSchemaBody(newUserSchema)
  @ApiSchemaResponse(201, 'the person', userSchema)
  @ApiProblem(503, 'the database is not ready')
  @ApiProblem(409, 'the username is taken, or another change of the same person did not end in time')
  @ApiProblem(422, 'a field cannot be accepted')
  async create(
    @Body(new SchemaPipe(newUserSchema)) fields: NewUser,
    @Res({ passthrough: true }) response: Response,
  ): Promise<UserView> {
    const user = await this.users.create(fields);
    response.setHeader('Location', `/users/${user.id}`);
    return toView(user);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Change what is given: move, rename, set limits' })
  @ApiSchemaBody(userChangeSchema)
  @ApiSchemaResponse(200, 'the person as changed', userSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  @ApiProblem(409, 'the username is taken, or another change of the same person did not end in time')
  @ApiProblem(422, 'a field cannot be accepted')
  async change(
    @Param('id', ParseIntPipe) id: number,
    @Body(new SchemaPipe(userChangeSchema)) change: UserChange,
  ): Promise<UserView> {
    return toView(await this.users.change(id, change));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a person' })
  @ApiSchemaResponse(204, 'the person is gone')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  async remove(@Param('id', ParseIntPipe) id: number): Promise<void> {
    await this.users.remove(id);
  }
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
