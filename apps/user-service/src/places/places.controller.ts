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
import type { z } from 'zod';
import { entityTag } from '../database/rows.js';
import { ApiIdempotencyKey } from '../idempotency/api-idempotency-key.js';
import { answerMade, Idempotency } from '../idempotency/idempotency.js';
import { pageQuerySchema, type PageQuery } from '../page-query.js';
import {
  newPlaceSchema,
  placeChangeSchema,
  placePageSchema,
  placeSchema,
  type NewPlace,
  type PlaceChange,
  type PlaceView,
} from './place-fields.js';
import type { Place } from './place.entity.js';
import { Places } from './places.js';

@ApiTags('places')
@Controller('users/:userId/places')
export class PlacesController {
  constructor(
    private readonly places: Places,
    private readonly idempotency: Idempotency,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Where a person is, beside their home' })
  @ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 1_000, default: 100 } })
  @ApiQuery({ name: 'cursor', required: false, description: 'nextCursor of the page before' })
  @ApiSchemaResponse(200, 'a page, and the home', placePageSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(422, 'a parameter cannot be used')
  @ApiProblem(503, 'the database is not ready')
  async list(
    @Param('userId', ParseIntPipe) userId: number,
    @Query(new SchemaPipe(pageQuerySchema)) query: PageQuery,
  ): Promise<z.output<typeof placePageSchema>> {
    const { items, ...rest } = await this.places.list(userId, query);
    return { ...rest, items: items.map(toView) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One place' })
  @ApiSchemaResponse(200, 'the place; ETag tells its state', placeSchema)
  @ApiProblem(404, 'there is no such person or place')
  @ApiProblem(503, 'the database is not ready')
  async get(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PlaceView> {
    return tagged(response, await this.places.get(userId, id));
  }

  @Post()
  @ApiIdempotencyKey()
  @ApiOperation({ summary: 'A new place' })
  @ApiSchemaBody(newPlaceSchema)
  @ApiSchemaResponse(201, 'the place', placeSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(409, 'the person has a place of this name, or another change did not end in time')
  @ApiProblem(422, 'a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  async create(
    @Param('userId', ParseIntPipe) userId: number,
    @Body(new SchemaPipe(newPlaceSchema)) fields: NewPlace,
    @Headers('idempotency-key') key: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PlaceView> {
    const path = `/users/${userId}/places`;
    const made = await this.idempotency.once(key, `POST ${path}`, fields, async (manager) => {
      const place = await this.places.create(manager, userId, fields);
      return { location: `${path}/${place.id}`, tag: entityTag(place), view: toView(place) };
    });
    return answerMade(response, made);
  }

  @Patch(':id')
  @ApiOperation({ summary: 'Rename or move a place; its rules go with it' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag of what the change was made from' })
  @ApiSchemaBody(placeChangeSchema)
  @ApiSchemaResponse(200, 'the place as changed', placeSchema)
  @ApiProblem(404, 'there is no such person or place')
  @ApiProblem(409, 'the person has a place of this name, or another change did not end in time')
  @ApiProblem(412, 'it was changed meanwhile')
  @ApiProblem(422, 'a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  async change(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Body(new SchemaPipe(placeChangeSchema)) change: PlaceChange,
    @Headers('if-match') ifMatch: string | undefined,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PlaceView> {
    return tagged(response, await this.places.change(userId, id, change, ifMatch));
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a place and the rules for it' })
  @ApiHeader({ name: 'If-Match', required: false, description: 'the ETag of what is meant' })
  @ApiSchemaResponse(204, 'the place is gone')
  @ApiProblem(404, 'there is no such person or place')
  @ApiProblem(409, 'another change did not end in time')
  @ApiProblem(412, 'it was changed meanwhile')
  @ApiProblem(503, 'the database is not ready')
  async remove(
    @Param('userId', ParseIntPipe) userId: number,
    @Param('id', ParseIntPipe) id: number,
    @Headers('if-match') ifMatch: string | undefined,
  ): Promise<void> {
    await this.places.remove(userId, id, ifMatch);
  }
}

function tagged(response: Response, place: Place): PlaceView {
  response.setHeader('ETag', entityTag(place));
  return toView(place);
}

const toView = ({ id, name, cityKey }: Place): PlaceView => ({ id: Number(id), name, cityKey });
