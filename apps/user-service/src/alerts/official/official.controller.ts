import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, Param, ParseIntPipe, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { officialSchema, officialSettingsSchema, type OfficialSettings, type OfficialView } from './official-fields.js';
import { Official } from './official.js';

@ApiTags('alerts')
@Controller('users/:userId/official-warnings')
export class OfficialController {
  constructor(private readonly official: Official) {}

  @Get()
  @ApiOperation({ summary: "What holds in a person's cities, and from which severity on they are told" })
  @ApiSchemaResponse(200, 'the warnings and the setting', officialSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  get(@Param('userId', ParseIntPipe) userId: number): Promise<OfficialView> {
    return this.official.get(userId);
  }

  @Put()
  @ApiOperation({ summary: 'From which severity on a person is told of official warnings' })
  @ApiSchemaBody(officialSettingsSchema)
  @ApiSchemaResponse(200, 'the warnings and the setting', officialSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(422, 'the severity cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  set(
    @Param('userId', ParseIntPipe) userId: number,
    @Body(new SchemaPipe(officialSettingsSchema)) settings: OfficialSettings,
  ): Promise<OfficialView> {
    return this.official.set(userId, settings);
  }
}
