import { ApiProblem, ApiSchemaBody, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Body, Controller, Get, Param, ParseIntPipe, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { NoticeSettingsOfPeople, noticeSettingsSchema, type NoticeSettingsView } from './notice-settings.js';

@ApiTags('alerts')
@Controller('users/:userId/notice-settings')
export class NoticeSettingsController {
  constructor(private readonly settings: NoticeSettingsOfPeople) {}

  @Get()
  @ApiOperation({ summary: 'When and how much a person wants to be told' })
  @ApiSchemaResponse(200, 'the settings; what everybody has where they said nothing', noticeSettingsSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(503, 'the database is not ready')
  get(@Param('userId', ParseIntPipe) userId: number): Promise<NoticeSettingsView> {
    return this.settings.get(userId);
  }

  @Put()
  @ApiOperation({ summary: 'Set when and how much a person wants to be told; what waits already keeps its time' })
  @ApiSchemaBody(noticeSettingsSchema)
  @ApiSchemaResponse(200, 'the settings', noticeSettingsSchema)
  @ApiProblem(404, 'there is no such person')
  @ApiProblem(409, 'another change of the same person did not end in time')
  @ApiProblem(422, 'a field cannot be accepted')
  @ApiProblem(503, 'the database is not ready')
  set(
    @Param('userId', ParseIntPipe) userId: number,
    @Body(new SchemaPipe(noticeSettingsSchema)) settings: NoticeSettingsView,
  ): Promise<NoticeSettingsView> {
    return this.settings.set(userId, settings);
  }
}
