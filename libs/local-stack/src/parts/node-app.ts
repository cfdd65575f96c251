import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot, type StackHome } from '../home.js';
import { answersHttp, checkHttp, checkUsableAndHealthy, type Part } from '../part.js';
import { StackError } from '../stack-error.js';

export interface NodeAppOptions {
  readonly home: StackHome;
  /** The folder below `apps/`. */
  readonly name: string;
  readonly port: number;
  readonly startsAfter: readonly string[];
  readonly stopRank: number;
  readonly stopTimeoutMs: number;
  /** The path whose 2xx answer means ready: usable, and what it promises happens. */
  readonly readyPath: string;
  /** For a server that others use before all is well with it: the path whose 2xx answer means usable. */
  readonly usablePath?: string;
  /** What older ones of its kind have instead of `readyPath`. */
  readonly fallbackPath?: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One of our own programs, `apps/NAME/dist/main.js`, on the Node that runs this one. */
export function nodeAppPart(options: NodeAppOptions): Part {
  const { home, name, port, startsAfter, stopRank, stopTimeoutMs, readyPath, usablePath, environment } = options;
  const entry = join(repositoryRoot, 'apps', name, 'dist', 'main.js');
  const address = `http://127.0.0.1:${port}`;
  return {
    name,
    startsAfter,
    stopRank,
    address,
    stop: { signal: 'SIGTERM', timeoutMs: stopTimeoutMs },

    async prepare() {
      if (!existsSync(entry))
        throw new StackError(`${entry} does not exist`, { why: `${name} was not built`, fix: 'npm run build' });
    },

    launch: () => ({
      file: process.execPath,
      // No source maps: they take 8 MB and a tenth of the start, and dist/ keeps the names and nearly the lines of the sources.
      args: [entry],
      env: {
        ...inheritedEnvironment(),
        KAFKAJS_NO_PARTITIONER_WARNING: '1',
        // Compiled modules are kept between runs, which takes a third off the start.
        NODE_COMPILE_CACHE: join(home.cache, 'node'),
        ...environment,
        HOST: '127.0.0.1',
        PORT: String(port),
      },
      cwd: repositoryRoot,
    }),

    check: () =>
      usablePath === undefined
        ? checkHttp(`${address}${readyPath}`)
        : checkUsableAndHealthy({
            usable: `${address}${usablePath}`,
            healthy: [readyPath, ...(options.fallbackPath === undefined ? [] : [options.fallbackPath])].map(
              (path) => `${address}${path}`,
            ),
          }),
    isAlive: () => answersHttp(`${address}/healthz`),
  };
}

/** What the user set (log level, intervals, the weather service's address) reaches the programs; npm's own variables do not. */
function inheritedEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && !/^npm_/i.test(entry[0]),
    ),
  );
}
