import { Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from './exit-codes.js';
import type { RestOptions } from './commands/rest-options.js';

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
  .command('sql')
  .description('a console for streams and tables, or a script: -e, -f, or standard input')
  .argument('[statement]', 'run this and leave; - reads a script from standard input')
  .option('-e, --execute <sql>', 'run these statements and leave')
  .option('-f, --file <path>', 'run a file of statements and leave; - for standard input')
  .option('--server <url>', 'the server to speak with (default: $KSQLDB_URL, else the running stack)')
  .option('--from-beginning', "read topics from their beginning: SET 'auto.offset.reset'='earliest'")
  .addOption(outputOption('table', 'json').default('table'))
  .action(async (statement: string | undefined, options: Parameters<typeof import('./commands/sql.js').sql>[1]) =>
    (await import('./commands/sql.js')).sql(statement, options),
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

/** A group of commands that ask a service. */
const noun = (name: string, description: string): Command => program.command(name).description(description);
const asking = (command: Command): Command =>
  command
    .addOption(outputOption('table', 'json').default('table'))
    .option('--server <address>', "the service's address (default: its variable, else the running stack's)");
const degrees = (value: string): number => {
  if (value.trim() === '' || !Number.isFinite(Number(value))) throw new InvalidArgumentError('It must be a number.');
  return Number(value);
};

const seconds = (value: string): number => {
  const number = Number(value);
  if (value.trim() === '' || !(number > 0)) throw new InvalidArgumentError('It must be a number of seconds above 0.');
  return number;
};

const city = noun('city', 'the cities that are watched');
asking(city.command('list').description('all of them')).action(async (options: RestOptions) =>
  (await import('./commands/city.js')).listCities(options),
);
asking(city.command('show').description('one city and its latest weather').argument('<id>')).action(
  async (id: string, options: RestOptions) => (await import('./commands/city.js')).showCity(id, options),
);
asking(
  city
    .command('add')
    .description('watch another city: isobar city add "Seattle" WA')
    .argument('<name>')
    .argument('<state>', 'two letters')
    .option('--lat <degrees>', 'degrees north, for a smaller place', degrees)
    .option('--lon <degrees>', 'degrees east, so negative in America', degrees)
    .option('--timezone <name>', 'IANA name; found by itself')
    .option('--timeout <seconds>', 'how long to wait for its first weather', seconds, 60)
    .option('--no-wait', 'do not wait for its first weather'),
).action(async (name: string, state: string, options: RestOptions & { timeout: number; wait: boolean }) =>
  (await import('./commands/city.js')).addCity(name, state, options),
);
asking(city.command('remove').description('no longer watch a city; history stays').argument('<id>')).action(
  async (id: string, options: RestOptions) => (await import('./commands/city.js')).removeCity(id, options),
);

const count = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
};

const dlq = noun('dlq', 'records that could not be handled');
asking(
  dlq
    .command('list')
    .description('newest first')
    .option('--topic <name>', 'of this topic')
    .option('--service <name>', 'set aside by this service or query')
    .option('--waiting', 'without those that were replayed')
    .option('-n, --limit <count>', 'how many', count, 50),
).action(async (options: RestOptions & { limit: number }) =>
  (await import('./commands/dlq.js')).listDeadLetters(options),
);
asking(dlq.command('show').description('one with its bytes, headers and error').argument('<id>')).action(
  async (id: string, options: RestOptions) => (await import('./commands/dlq.js')).showDeadLetter(id, options),
);
asking(
  dlq
    .command('replay')
    .description('put records back into their topics, each once')
    .argument('[ids...]')
    .option('--value <text>', 'with this value instead (one record)')
    .option('--value-file <file>', "with a file's content instead (-: standard input)")
    .option('--topic <name>', 'all of this topic')
    .option('--service <name>', 'all that this service or query set aside')
    .option('--all', 'all'),
).action(async (ids: string[], options: RestOptions) =>
  (await import('./commands/dlq.js')).replayDeadLetters(ids, options),
);

const queries = noun('queries', 'streams and tables of the pipeline');
asking(
  queries
    .command('list')
    .description('all, file and engine side by side')
    .option('--exit-code', 'exit with 2 when files are not deployed yet, 3 when what runs was changed outside'),
).action(async (options: RestOptions) => (await import('./commands/pipeline.js')).listQueries(options));
asking(queries.command('show').argument('<name>').description('one of them')).action(
  async (name: string, options: RestOptions) => (await import('./commands/pipeline.js')).showQuery(name, options),
);
asking(
  queries.command('redeploy').argument('<name>').description('create it again from its file, with all that reads it'),
).action(async (name: string, options: RestOptions) =>
  (await import('./commands/pipeline.js')).redeployQuery(name, options),
);

const connectors = noun('connectors', 'Kafka Connect');
asking(connectors.command('list').description('all with their tasks')).action(async (options: RestOptions) =>
  (await import('./commands/pipeline.js')).listConnectors(options),
);
asking(connectors.command('show').argument('<name>').description('one of them')).action(
  async (name: string, options: RestOptions) => (await import('./commands/pipeline.js')).showConnector(name, options),
);

const topics = noun('topics', 'the topics of the cluster');
asking(topics.command('list').description('all with their sizes')).action(async (options: RestOptions) =>
  (await import('./commands/pipeline.js')).listTopics(options),
);
asking(topics.command('show').argument('<name>').description('one with its partitions')).action(
  async (name: string, options: RestOptions) => (await import('./commands/pipeline.js')).showTopic(name, options),
);

const groups = noun('groups', 'the consumer groups of the cluster');
asking(groups.command('list').description('all with their lag')).action(async (options: RestOptions) =>
  (await import('./commands/pipeline.js')).listGroups(options),
);
asking(groups.command('show').argument('<id>').description('one with its topics')).action(
  async (id: string, options: RestOptions) => (await import('./commands/pipeline.js')).showGroup(id, options),
);

try {
  await program.parseAsync();
} catch (error) {
  (await import('./render/failure.js')).printError(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  process.exitCode =
    code === 'UNREACHABLE' ? exitCodes.unreachable : code === 'TIMED_OUT' ? exitCodes.timedOut : exitCodes.failed;
}
