import type { INestApplication } from '@nestjs/common';
import { ApiBody, ApiResponse, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { accessibleScript, accessibleStyle } from './accessible-docs.js';

export interface ApiDescription {
  readonly title: string;
  readonly description: string;
}

/**
 * `/api/docs` (page, served from the installed package, so it works offline), `/api/docs-json` and `/api/docs-yaml`. Every operation
 * lists what any operation may answer; its own decorators list the rest.
 */
export function serveOpenApi(app: INestApplication, api: ApiDescription, needsCredentials: boolean): void {
  const builder = new DocumentBuilder().setTitle(api.title).setDescription(api.description).setVersion('1');
  if (needsCredentials)
    builder.addBearerAuth().addBasicAuth().addSecurityRequirements('bearer').addSecurityRequirements('basic');
  SwaggerModule.setup('api/docs', app, () => listSharedProblems(SwaggerModule.createDocument(app, builder.build())), {
    jsonDocumentUrl: 'api/docs-json',
    yamlDocumentUrl: 'api/docs-yaml',
    customSiteTitle: `${api.title} API`,
    customCss: accessibleStyle,
    customJsStr: accessibleScript,
    swaggerOptions: { syntaxHighlight: false },
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
  ApiResponse({ status, ...problemResponse(description) });

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  instance: z.string(),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

const problemResponse = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: toOpenApiSchema(problemSchema, 'output') } },
});

/** What every operation may answer, and what every operation that takes a body may. */
const sharedProblems: Readonly<Record<number, string>> = {
  400: 'the request cannot be read',
  401: 'credentials are wanted and missing or wrong',
  403: 'the request comes from a page of another site, or only reading is allowed',
  421: 'the request is for another host',
  500: 'the service failed; its log has the cause, by the request id',
};
const bodyProblems: Readonly<Record<number, string>> = {
  413: 'the body is too large',
  415: 'the body is of another type than JSON, or in an unknown encoding',
  422: 'a field cannot be accepted',
};

function listSharedProblems(document: OpenAPIObject): OpenAPIObject {
  for (const item of Object.values(document.paths))
    for (const method of ['get', 'put', 'post', 'patch', 'delete'] as const) {
      const operation = item[method];
      if (operation === undefined) continue;
      const shared = operation.requestBody === undefined ? sharedProblems : { ...sharedProblems, ...bodyProblems };
      for (const [status, description] of Object.entries(shared))
        operation.responses[status] ??= problemResponse(description);
    }
  return document;
}

function toOpenApiSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...jsonSchema } = z.toJSONSchema(schema, {
    io,
    target: 'openapi-3.0',
    unrepresentable: 'any',
  });
  return jsonSchema;
}
