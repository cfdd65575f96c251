import { Command, Option } from 'commander';
import { exitCodes } from './exit-codes.js';

// Each command's code is loaded when the command is given: `isobar status` must not pay for `isobar up`.
const program = new Command('isobar')
  .description('Runs Isobar on this machine: PostgreSQL, Kafka, Connect, ksql-server and the services, without Docker')
  .version('0.1.0')
  .option('--home <dir>', 'where data, logs and state are kept (default: $ISOBAR_HOME, else .isobar in the checkout)')
  .showSuggestionAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : exitCodes.wrongUsage))
  .hook('preAction', (command) => {
    const { home } = command.opts<{ home?: string }>();
    if (home !== undefined) process.env['ISOBAR_HOME'] = home;
  });

const collect = (value: string, previous: string[]): string[] => [...previous, value];
const list = (value: string): string[] => value.split(',').map((name) => name.trim());
const outputOption = (...choices: string[]): Option => new Option('-o, --output <format>', 'output').choices(choices);

program
  .command('up')
  .description('start everything, print Ready and the addresses; Ctrl-C stops')
  .option('-d, --detach', 'return when ready and leave the stack running')
  .option('--port <name=number>', 'a port of your choice, repeatable', collect, [])
  .option('--only <parts>', 'start these parts alone, separated by commas', list)
  .option('--offline', 'do not ask the weather service; use labelled sample weather')
  .option('--wait-timeout <seconds>', 'give up when not ready after this long', '180')
  .option('--plain', 'one line per change, no rewriting')
  .addOption(outputOption('text', 'ndjson').default('text'))
  .action(async (options: object) => (await import('./commands/up.js')).up(options));

program
  .command('down')
  .description('stop the running stack; data is kept')
  .action(async () => (await import('./commands/down.js')).down());

program
  .command('status')
  .description('what runs, and where; exit code 69 when nothing does')
  .addOption(outputOption('table', 'json', 'env').default('table'))
  .action(async (options: { output: string }) => (await import('./commands/status.js')).status(options));

program
  .command('logs')
  .description('the logs of one part, or of all')
  .argument('[part]')
  .option('-f, --follow', 'go on as lines are written')
  .option('-n, --lines <count>', 'how many lines of the past', '50')
  .action(async (part: string | undefined, options: { follow?: boolean; lines: string }) =>
    (await import('./commands/logs.js')).logs(part, options),
  );

program
  .command('reset')
  .description('erase data, logs and passwords of a stopped stack')
  .option('-y, --yes', 'do not ask')
  .action(async (options: { yes?: boolean }) => (await import('./commands/reset.js')).reset(options));

program
  .command('doctor')
  .description('check what the stack needs from this machine')
  .addOption(outputOption('table', 'json').default('table'))
  .action(async (options: { output: string }) => (await import('./commands/doctor.js')).doctor(options));

program
  .command('setup')
  .description('fetch what the first start would fetch: the JVM parts, and a Java if there is none')
  .action(async () => (await import('./commands/setup.js')).setup());

try {
  await program.parseAsync();
} catch (error) {
  (await import('./render/failure.js')).printError(error);
  process.exitCode = exitCodes.failed;
}
