// House rules that no other tool checks.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const root = join(import.meta.dirname, '..');
const path = (file: string): string => relative(root, file).replaceAll('\\', '/');

function sourcesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => path(join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|\/)(node_modules|dist|\.isobar)\//.test(file));
}

const workspaces = ['libs', 'apps'].flatMap((group) =>
  readdirSync(join(root, group), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => `${group}/${entry.name}`),
);
const sources = [
  ...sourcesBelow('libs'),
  ...sourcesBelow('apps'),
  ...sourcesBelow('bench'),
  ...sourcesBelow('e2e'),
  ...sourcesBelow('conformance'),
];
const textOf = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What a package lets others import, as source files. */
function doorsOf(workspace: string): string[] {
  const { exports = {} } = JSON.parse(textOf(`${workspace}/package.json`)) as {
    exports?: Record<string, { types?: string }>;
  };
  return Object.values(exports).flatMap(({ types }) =>
    types === undefined ? [] : [path(join(root, workspace, types))],
  );
}
const doors = new Set(workspaces.flatMap(doorsOf));

describe('the engine core', () => {
  const core = sources.filter((file) => /^libs\/ksql-engine\/src\/(?!adapters\/|testing\/)/.test(file));
  const holding = (pattern: RegExp, outside: RegExp = /\.spec\.ts$/): string[] =>
    core.filter((file) => !file.endsWith('.spec.ts') && !outside.test(file) && pattern.test(textOf(file)));

  it('reads no clock and no random source', () => {
    expect(core.length).toBeGreaterThan(200);
    expect(holding(/\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/)).toEqual([]);
  });

  it('waits for nothing but what is asked of a broker', () => {
    expect(
      holding(
        /\bsetTimeout\(|\bsetInterval\(|\bperformance\.now\(|\bawait /,
        /src\/(facts|command|lease|runtime|engine|ports)\//,
      ),
    ).toEqual([]);
  });
});

describe('every library', () => {
  it('has an index only where others come in', () => {
    const barrels = sources.filter((file) => file.endsWith('/index.ts') && !doors.has(file));
    expect(barrels).toEqual([]);
  });
});

/** Packages that a source file names in its import statements. */
function importedPackages(file: string): string[] {
  const statements = textOf(file).matchAll(
    /^(?:import|export)\b[^;'"`]*?\bfrom '([^'.][^']*)'|^import '([^'.][^']*)'|\bimport\('([^'.][^']*)'\)/gm,
  );
  return [...statements]
    .map(([, from, sideEffect, dynamic]) => from ?? sideEffect ?? dynamic ?? '')
    .filter((specifier) => !specifier.startsWith('node:'))
    .map((specifier) => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'));
}

describe('every workspace', () => {
  const declaredIn = (folder: string): Set<string> => {
    const manifest = JSON.parse(textOf(join(folder, 'package.json'))) as Record<string, object | undefined>;
    return new Set(
      ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'].flatMap((kind) =>
        Object.keys(manifest[kind] ?? {}).map((name) => name.replace(/^@types\//, '')),
      ),
    );
  };

  it('declares what it imports', () => {
    const forTests = declaredIn('.');
    const isTest = (file: string): boolean =>
      /\.spec\.ts$|\/testing\/|\/(test|conformance|simulation|fuzz)\//.test(file);
    const undeclared = workspaces.flatMap((workspace) => {
      const declared = declaredIn(workspace);
      return sources
        .filter((file) => file.startsWith(`${workspace}/`))
        .flatMap((file) =>
          importedPackages(file)
            .filter((name) => !declared.has(name) && !(isTest(file) && forTests.has(name)))
            .map((name) => `${file}: ${name}`),
        );
    });
    expect(undeclared).toEqual([]);
  });
});

describe('every source file', () => {
  it('is imported by another, or is where a program, a test or a package begins', () => {
    const imported = new Set<string>();
    for (const file of sources) {
      for (const [, specifier = ''] of textOf(file).matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)) {
        imported.add(path(resolve(root, dirname(file), specifier)).replace(/\.js$/, '.ts'));
      }
    }
    const begins = /\.spec\.ts$|(^|\/)main\.ts$|-suite\.ts$|-worker\.ts$|^libs\/[^/]+\/simulation\/[^/]+\.ts$/;
    const dead = sources.filter((file) => !imported.has(file) && !doors.has(file) && !begins.test(file));
    expect(dead).toEqual([]);
  });

  it('says nothing that is left to be done', () => {
    const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
    expect(sources.filter((file) => marks.test(textOf(file).replace(/'[^'\n]*'|`[^`]*`/g, '')))).toEqual([]);
  });
});
