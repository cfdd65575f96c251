import type { INestApplication } from '@nestjs/common';
import { ApiBody, ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { z } from 'zod';

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
}

/** `/api/docs` (page, served from the installed package, so it works offline) and `/api/docs-json`. */
export function serveOpenApi(app: INestApplication, api: ApiDescription, needsCredentials: boolean): void {
  const builder = new DocumentBuilder().setTitle(api.title).setDescription(api.description).setVersion('1');
  if (needsCredentials)
    builder.addBearerAuth().addBasicAuth().addSecurityRequirements('bearer').addSecurityRequirements('basic');
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, builder.build()), {
    jsonDocumentUrl: 'api/docs-json',
    yamlDocumentUrl: 'api/docs-yaml',
  });
}

/** The request body in the API description, from the schema that also checks it. */
export const ApiSchemaBody = (schema: z.ZodType): MethodDecorator =>
  ApiBody({ schema: toOpenApiSchema(schema, 'input') });

/** An answer in the API description, from its schema. */
export const ApiSchemaResponse = (status: number, description: string, schema?: z.ZodType): MethodDecorator =>
  ApiResponse({ status, description, ...(schema === undefined ? {} : { schema: toOpenApiSchema(schema, 'output') }) });

/** An error answer in the API description. */
export const ApiProblem = (status: number, description: string): MethodDecorator =>
  ApiResponse({
    status,
    description,
    content: { 'application/problem+json': { schema: toOpenApiSchema(problemSchema, 'output') } },
  });

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  instance: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

function toOpenApiSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...jsonSchema } = z.toJSONSchema(schema, {
    io,
    target: 'openapi-3.0',
    unrepresentable: 'any',
  });
  return jsonSchema;
}
