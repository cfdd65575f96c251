import type { NestExpressApplication } from '@nestjs/platform-express';
import compression from 'compression';
import type { NextFunction, Request, Response } from 'express';
import { fileURLToPath } from 'node:url';

/** The files of the page; the same place seen from the sources and from the build. */
const folder = fileURLToPath(new URL('../../web/', import.meta.url));

const contentPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page itself, from this machine alone: nothing it does can reach another host. */
export function servePage(app: NestExpressApplication): void {
  app.use(securityHeaders);
  // The feed repeats itself, so that compression leaves a tenth of it; whoever writes to it flushes after each event.
  app.use(compression({ filter: (request, response) => isFeed(response) || compression.filter(request, response) }));
  app.useStaticAssets(folder, {
    // A path of the API that holds dots is none of ours.
    redirect: false,
    setHeaders: (response: Response) => response.setHeader('Cache-Control', 'no-cache'),
  });
}

function securityHeaders(request: Request, response: Response, next: NextFunction): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
  // The page of the API description brings its own inline script.
  if (!request.path.startsWith('/api/docs')) response.setHeader('Content-Security-Policy', contentPolicy);
  next();
}

const isFeed = (response: Response): boolean =>
  String(response.getHeader('Content-Type')).startsWith('text/event-stream');
