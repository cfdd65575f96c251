import { CityCatalog, citySchema, type City } from '@isobar/contracts';
import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, Problem, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { z } from 'zod';
import { EditCities, newCitySchema, type NewCity } from './edit-cities.js';

const addedSchema = z.object({
  ...citySchema.shape,
  areaCheck: z
    .enum(['weather-service', 'rough'])
    .describe('rough: the weather service gave no answer, and only the borders of the state were looked at'),
  cell: z.string().nullable().describe('the cell of the forecast grid, such as OKX/33,35; null without an answer'),
});

@ApiTags('cities')
@Controller('cities')
export class CitiesController {
  constructor(
    private readonly catalog: CityCatalog,
    private readonly edit: EditCities,
  ) {}

  @Get()
  @ApiOperation({ summary: 'The cities that are polled' })
  @ApiSchemaResponse(200, 'the cities', z.object({ items: z.array(citySchema) }))
  list(): { items: readonly City[] } {
    return { items: this.catalog.all() };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One city' })
  @ApiSchemaResponse(200, 'the city', citySchema)
  @ApiProblem(404, 'there is no such city')
  get(@Param('id') id: string): City {
    const city = this.catalog.get(id);
    if (city === undefined) throw Problem.notFound('No such city', `There is no city "${id}"; GET /cities lists them.`);
    return city;
  }

  @Post()
  @ApiOperation({ summary: 'A new city: an entry in the cities file, which poller, simulator, people and page follow' })
  @ApiSchemaBody(newCitySchema)
  @ApiSchemaResponse(201, 'the city', addedSchema)
  @ApiProblem(409, 'it is there already, or the file cannot be written')
  @ApiProblem(507, 'there is no room on the disk')
  @ApiProblem(422, "coordinates are missing or elsewhere, or the place is outside the weather service's area")
  async add(
    @Body(new SchemaPipe(newCitySchema)) wanted: NewCity,
    @Res({ passthrough: true }) response: Response,
  ): Promise<z.output<typeof addedSchema>> {
    const { city, areaCheck, cell } = await this.edit.add(wanted);
    response.setHeader('Location', `/cities/${city.id}`);
    return { ...city, areaCheck, cell: cell ?? null };
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'No longer poll a city; what was recorded of it stays' })
  @ApiSchemaResponse(204, 'removed')
  @ApiProblem(507, 'there is no room on the disk')
  @ApiProblem(404, 'there is no such city')
  async remove(@Param('id') id: string): Promise<void> {
    await this.edit.remove(id);
  }
}
