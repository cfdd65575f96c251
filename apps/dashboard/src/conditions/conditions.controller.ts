import { ApiProblem, ApiSchemaResponse, Problem } from '@isobar/service-kit';
import { Controller, Get, Header, Param, ParseIntPipe } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Conditions } from './conditions.js';
import {
  citySchema,
  personSchema,
  userConditionsSchema,
  type AverageDescription,
  type CityDescription,
  type Person,
  type UserConditions,
} from './describe.js';

const cityDetailsSchema = citySchema.extend({
  averages: z.array(citySchema.shape.average.unwrap()).describe('the five-minute windows of the last hour'),
});

@ApiTags('conditions')
@Controller('api')
export class ConditionsController {
  constructor(private readonly conditions: Conditions) {}

  @Get('cities')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Every city with its weather, sensors and newest averages' })
  @ApiSchemaResponse(200, 'In the order of the cities file', z.array(citySchema))
  cities(): CityDescription[] {
    return this.conditions.cities();
  }

  @Get('cities/:id')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'One city, with the averages of the last hour' })
  @ApiSchemaResponse(200, 'The city', cityDetailsSchema)
  @ApiProblem(404, 'No such city')
  city(@Param('id') id: string): CityDescription & { averages: AverageDescription[] } {
    const city = this.conditions.city(id);
    if (!city) throw Problem.notFound(`There is no city ${id}`, 'GET /api/cities lists the cities.');
    return { ...city, averages: this.conditions.averages(id) };
  }

  @Get('users')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The people, by city and name' })
  @ApiSchemaResponse(200, 'The people', z.array(personSchema))
  users(): readonly Person[] {
    return this.conditions.people();
  }

  @Get('users/:id/conditions')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: "One person's conditions" })
  @ApiSchemaResponse(200, 'The conditions', userConditionsSchema)
  @ApiProblem(404, 'Nobody with this id, or not joined yet')
  userConditions(@Param('id', ParseIntPipe) id: number): UserConditions {
    const conditions = this.conditions.userConditions(id);
    if (!conditions)
      throw Problem.notFound(`Nobody with id ${id} has conditions`, 'A new person appears within seconds.');
    return conditions;
  }
}
