import type { NestExpressApplication } from '@nestjs/platform-express';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../problems/problem.js';

/** What Express keeps of a route, as far as it matters here. */
interface RouterLayer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): boolean;
}

/** Answers 405 with `Allow` where the path is known and the method is not; Express by itself says 404. */
export function methodNotAllowed(app: NestExpressApplication) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const { router } = app.getHttpAdapter().getInstance() as unknown as { router: { stack: readonly RouterLayer[] } };
    const allowed = new Set(
      router.stack
        .filter((layer) => layer.route !== undefined && layer.match(request.path))
        .flatMap(({ route }) => Object.keys(route?.methods ?? {})),
    );
    if (allowed.has('get')) allowed.add('head');
    // A route for all methods takes this one too; OPTIONS is answered by Express.
    const method = request.method.toLowerCase();
    if (allowed.size === 0 || allowed.has(method) || allowed.has('_all') || method === 'options') {
      next();
      return;
    }
    const allow = [...allowed].map((each) => each.toUpperCase()).join(', ');
    response.setHeader('Allow', allow);
    next(
      new Problem(405, {
        type: 'method-not-allowed',
        title: `${request.method} is not possible here`,
        detail: `${request.path} takes ${allow}.`,
      }),
    );
  };
}
