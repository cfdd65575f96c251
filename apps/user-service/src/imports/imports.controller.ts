import { ApiProblem, Problem, SchemaPipe } from '@isobar/service-kit';
import { Controller, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOperation, ApiParam, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { once } from 'node:events';
import { z } from 'zod';
import { importKinds, type ImportKindName } from './import-kinds.js';
import { Imports, type ImportOptions } from './imports.js';

const kindNames = Object.keys(importKinds) as [ImportKindName, ...ImportKindName[]];
const kindSchema = z.enum(kindNames, { error: `must be one of ${kindNames.join(', ')}` });
const querySchema = z.strictObject({
  batchRows: z.coerce.number().int().min(1).max(5_000).default(1_000),
  existing: z.enum(['refuse', 'skip'], { error: 'must be refuse or skip' }).default('refuse'),
  fromLine: z.coerce.number().int().min(1).max(1e9).default(1),
});

/** Bodies of imports, which this service takes besides JSON. */
export const importTypes = { 'text/csv': 'csv', 'application/x-ndjson': 'ndjson' } as const;

@ApiTags('imports')
@Controller('imports')
export class ImportsController {
  constructor(private readonly imports: Imports) {}

  @Post(':kind')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Many people, places or rules from CSV or NDJSON',
    description:
      'The file is read as it comes. Each batch is written as a whole or not at all; a line of the answer tells what became of it, with line and column of each error, and the last one tells of the whole.',
  })
  @ApiParam({ name: 'kind', enum: kindNames })
  @ApiQuery({
    name: 'batchRows',
    required: false,
    schema: { type: 'integer', minimum: 1, maximum: 5_000, default: 1_000 },
  })
  @ApiQuery({
    name: 'existing',
    required: false,
    description: 'skip: who is there already is left as they are (people and places)',
    schema: { type: 'string', enum: ['refuse', 'skip'], default: 'refuse' },
  })
  @ApiQuery({ name: 'fromLine', required: false, description: 'where an attempt that ended early is gone on with' })
  @ApiConsumes(...Object.keys(importTypes))
  @ApiBody({ schema: { type: 'string' } })
  @ApiResponse({ status: 200, description: 'a line of JSON for each batch', content: { 'application/x-ndjson': {} } })
  @ApiProblem(415, 'the body is neither CSV nor NDJSON')
  @ApiProblem(422, 'the kind, a parameter or the first line of the file cannot be used')
  @ApiProblem(503, 'the database is not ready')
  async take(
    @Param('kind', new SchemaPipe(kindSchema)) kind: ImportKindName,
    @Query(new SchemaPipe(querySchema)) options: ImportOptions,
    @Headers('content-type') contentType: string | undefined,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? '';
    if (!isImportType(type))
      throw new Problem(415, {
        type: 'unsupported-media-type',
        title: 'The body is neither CSV nor NDJSON',
        detail: `send Content-Type: ${Object.keys(importTypes).join(' or ')}`,
      });
    const file = await this.imports.open(kind, importTypes[type], request as AsyncIterable<Buffer>);
    response.setHeader('Content-Type', 'application/x-ndjson');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    for await (const report of this.imports.run(kind, file, options)) {
      // Nobody listens: what was written stays, and the rest is not begun.
      if (gone.signal.aborted) return;
      if (!response.write(`${JSON.stringify(report)}\n`))
        await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
    }
    response.end();
  }
}

const isImportType = (type: string): type is keyof typeof importTypes => Object.hasOwn(importTypes, type);
