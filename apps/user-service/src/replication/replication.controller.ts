import { ApiProblem, ApiSchemaResponse, SchemaPipe } from '@isobar/service-kit';
import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import {
  capturedTables,
  Replication,
  replicationSchema,
  type CapturedTable,
  type ReplicationView,
} from './replication.js';

const namesSchema = z.object({
  slot: z.string().min(1).max(63).default('isobar_users'),
  publication: z.string().min(1).max(63).default('isobar_publication'),
});
type Names = z.output<typeof namesSchema>;
const tableSchema = z.object({ table: z.enum(capturedTables).default('users') });
const keysSchema = z.object({ keys: z.array(z.string()) });

@ApiTags('replication')
@Controller('replication')
export class ReplicationController {
  constructor(private readonly replication: Replication) {}

  @Get()
  @ApiOperation({ summary: 'The replication slot and the publication that change data capture reads' })
  @ApiQuery({ name: 'slot', required: false, schema: { type: 'string', default: 'isobar_users' } })
  @ApiQuery({ name: 'publication', required: false, schema: { type: 'string', default: 'isobar_publication' } })
  @ApiSchemaResponse(200, 'as PostgreSQL says', replicationSchema)
  @ApiProblem(422, 'a name cannot be used')
  @ApiProblem(503, 'the database is not ready')
  status(@Query(new SchemaPipe(namesSchema)) { slot, publication }: Names): Promise<ReplicationView> {
    return this.replication.status(slot, publication);
  }

  @Get('keys')
  @ApiOperation({ summary: 'The keys of all rows of a captured table, as change data capture writes them' })
  @ApiQuery({ name: 'table', required: false, schema: { type: 'string', enum: [...capturedTables], default: 'users' } })
  @ApiSchemaResponse(200, 'in order', keysSchema)
  @ApiProblem(422, 'there is no such table')
  @ApiProblem(503, 'the database is not ready')
  async keys(
    @Query(new SchemaPipe(tableSchema)) { table }: { table: CapturedTable },
  ): Promise<z.output<typeof keysSchema>> {
    return { keys: await this.replication.keys(table) };
  }

  @Post('publication')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make the publication where it is missing' })
  @ApiQuery({ name: 'slot', required: false, schema: { type: 'string', default: 'isobar_users' } })
  @ApiQuery({ name: 'publication', required: false, schema: { type: 'string', default: 'isobar_publication' } })
  @ApiSchemaResponse(200, 'as PostgreSQL says then', replicationSchema)
  @ApiProblem(409, 'another change did not end in time')
  @ApiProblem(422, 'a name cannot be used')
  @ApiProblem(503, 'the database is not ready')
  async publish(@Query(new SchemaPipe(namesSchema)) { slot, publication }: Names): Promise<ReplicationView> {
    await this.replication.publish(publication);
    return this.replication.status(slot, publication);
  }
}
