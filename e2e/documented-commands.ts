import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DocumentedCommand {
  readonly page: string;
  readonly command: string;
}

/**
 * The commands of every ```sh block of the README and the how-to pages, in order; a backslash continues a line. Examples whose
 * names and files are the reader's own stand in ```console blocks, with a prompt, and are tested beside the code.
 */
export function documentedCommands(root: string): readonly DocumentedCommand[] {
  const howTo = join('docs', 'how-to');
  const pages = [
    'README.md',
    ...readdirSync(join(root, howTo))
      .filter((file) => file.endsWith('.md'))
      .sort()
      .map((file) => join(howTo, file)),
  ];
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8');
    return [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap((block) => commandsOf(page, block[1] ?? ''));
  });
}

function commandsOf(page: string, block: string): DocumentedCommand[] {
  return block
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#\s.*$/, '').trim())
    .filter((command) => command !== '')
    .map((command) => ({ page, command }));
}

/** Commands that another test runs, or that do not end by themselves, and where each is shown to work. */
export const runElsewhere: readonly { readonly pattern: RegExp; readonly where: string }[] = [
  { pattern: /^npm (start|test)$/, where: 'a clean clone in CI; isobar.stack.spec.ts' },
  { pattern: /^npm run start:/, where: 'citizens.stack.spec.ts' },
  {
    pattern: /^(\w+=\S+ )+(npm run start:ksql-server|node apps\/ksql-server\/dist\/main\.js)$/,
    where: 'state-on-disk.kafka.spec.ts, several-servers.kafka.spec.ts',
  },
  {
    pattern: /^(COMPOSE_PROFILES=\w+ )?docker compose /,
    where: 'npm run e2e -- --runtime compose; docker/compose.spec.ts',
  },
  { pattern: /^npm run (bench|e2e|conformance)\b/, where: 'the stages of npm test; benchmarks by hand' },
  {
    pattern: /^npm run (mutation|fuzz:http)\b/,
    where: 'by hand, they take an hour; tools/mutation/judge.spec.ts and fuzz.kafka.spec.ts',
  },
  { pattern: /^npx isobar (up|down|reset)\b/, where: 'this suite, before and after the others' },
  {
    pattern: /^npx isobar (logs .*(-f|--follow)|sql$)/,
    where: 'goes on until it is interrupted; isobar.stack.spec.ts',
  },
];
