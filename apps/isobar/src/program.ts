import { Command, Option } from 'commander';
import * as values from './option-values.js';
import type { RestOptions } from './commands/rest-options.js';

// Each command's code is loaded when the command is given: `isobar status` must not pay for `isobar up`.
export const program = new Command('isobar')
  .description('Runs Isobar on this machine: PostgreSQL, Kafka, Connect, ksql-server and the services, without Docker')
  .version('0.1.0')
  .option(
    '--home <dir>',
    'where data, logs and state are kept (default: $ISOBAR_HOME, else .isobar in the checkout)',
    values.folder,
  )
  .showSuggestionAfterError()
  .exitOverride()
  .hook('preAction', (command) => {
    const { home } = command.opts<{ home?: string }>();
    if (home === undefined) return;
    process.env['ISOBAR_HOME'] = home;
    process.env['ISOBAR_HOME_OPTION'] = home;
  });

const outputOption = (...choices: string[]): Option => new Option('-o, --output <format>', 'output').choices(choices);

program
  .command('up')
  .description('start everything, print Ready and the addresses; Ctrl-C stops')
  .option('-d, --detach', 'return when ready and leave the stack running')
  .option('--port <name=number>', 'a port of your choice, repeatable', values.ports)
  .option('--only <parts>', 'start these parts alone, separated by commas', values.partNames)
  .option('--with <parts>', 'start optional parts too, now and from now on: registry', values.optionalParts)
  .option('--without <parts>', 'leave out optional parts that were asked for before', values.optionalParts)
  .option('--offline', 'do not ask the weather service; use labelled sample weather')
  .option(
    '--wait-timeout <seconds>',
    'give up when not ready after this long (default: when nothing gets on)',
    values.seconds,
  )
  .option('--plain', 'one line per change, no rewriting')
  .addOption(outputOption('text', 'ndjson').default('text'))
  .action(async (options: object) => (await import('./commands/up.js')).up(options));

program
  .command('down')
  .description('stop the running stack; data is kept')
  .action(async () => (await import('./commands/down.js')).down());

program
  .command('status')
  .description('what runs, where, and how it is; exit code 1 when it is not ready, 69 when nothing runs')
  .addOption(outputOption('table', 'json', 'env').default('table'))
  .action(async (options: { output: string }) => (await import('./commands/status.js')).status(options));

program
  .command('logs')
  .description('the logs of one part, or of all')
  .argument('[part]')
  .option('-f, --follow', 'go on as lines are written')
  .option('-n, --lines <count>', 'how many lines of the past', values.countOrNone, 50)
  .action(async (part: string | undefined, options: { follow?: boolean; lines: number }) =>
    (await import('./commands/logs.js')).logs(part, options),
  );

program
  .command('sql')
  .description('a console for streams and tables, or a script: -e, -f, or standard input')
  .argument('[statement]', 'run this and leave; - reads a script from standard input')
  .option('-e, --execute <sql>', 'run these statements and leave', values.text)
  .option('-f, --file <path>', 'run a file of statements and leave; - for standard input', values.text)
  .option(
    '--server <url>',
    'the server to speak with (default: $KSQLDB_URL, else the running stack)',
    values.httpAddress,
  )
  .option('--from-beginning', "read topics from their beginning: SET 'auto.offset.reset'='earliest'")
  .addOption(outputOption('table', 'json').default('table'))
  .action(async (statement: string | undefined, options: Parameters<typeof import('./commands/sql.js').sql>[1]) =>
    (await import('./commands/sql.js')).sql(statement, options),
  );

program
  .command('reset')
  .description('erase what a stopped stack wrote: data, logs, settings, passwords')
  .option('-y, --yes', 'do not ask')
  .option('--all', 'also what was fetched or made for every start in this checkout')
  .action(async (options: { yes?: boolean; all?: boolean }) => (await import('./commands/reset.js')).reset(options));

program
  .command('doctor')
  .description('check what the stack needs from this machine')
  .addOption(outputOption('table', 'json').default('table'))
  .action(async (options: { output: string }) => (await import('./commands/doctor.js')).doctor(options));

program
  .command('setup')
  .description('fetch what the first start would fetch: the JVM parts, and a Java if there is none')
  .option('--with <parts>', 'for optional parts too: registry', values.optionalParts)
  .action(async (options: Parameters<typeof import('./commands/setup.js').setup>[0]) =>
    (await import('./commands/setup.js')).setup(options),
  );

/** A group of commands that ask a service. */
const noun = (name: string, description: string): Command => program.command(name).description(description);
const asking = (command: Command): Command =>
  command
    .addOption(outputOption('table', 'json').default('table'))
    .option(
      '--server <address>',
      "the service's address (default: its variable, else the running stack's)",
      values.httpAddress,
    );
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
    .description('watch another city: npx isobar city add "Seattle" WA')
    .argument('<name>')
    .argument('<state>', 'two letters')
    .option('--lat <degrees>', 'degrees north, for a smaller place', values.degreesNorth)
    .option('--lon <degrees>', 'degrees east, so negative in America', values.degreesEast)
    .option('--timezone <name>', 'IANA name; found by itself', values.timeZone)
    .option('--timeout <seconds>', 'how long to wait for its first weather', values.seconds, 60)
    .option('--no-wait', 'do not wait for its first weather'),
).action(async (name: string, state: string, options: RestOptions & { timeout: number; wait: boolean }) =>
  (await import('./commands/city.js')).addCity(name, state, options),
);
asking(city.command('remove').description('no longer watch a city; history stays').argument('<id>')).action(
  async (id: string, options: RestOptions) => (await import('./commands/city.js')).removeCity(id, options),
);

const dlq = noun('dlq', 'records that could not be handled');
asking(
  dlq
    .command('list')
    .description('newest first')
    .option('--topic <name>', 'of this topic', values.text)
    .option('--service <name>', 'set aside by this service or query', values.text)
    .option('--waiting', 'without those that were replayed')
    .option('-n, --limit <count>', 'how many', values.count, 50),
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
    .option('--value-file <file>', "with a file's content instead (-: standard input)", values.text)
    .option('--topic <name>', 'all of this topic', values.text)
    .option('--service <name>', 'all that this service or query set aside', values.text)
    .option('--all', 'all'),
).action(async (ids: string[], options: RestOptions) =>
  (await import('./commands/dlq.js')).replayDeadLetters(ids, options),
);

const queries = noun('queries', 'streams and tables of the pipeline');
asking(
  queries
    .command('list')
    .description('all, file and engine side by side')
    .option(
      '--exit-code',
      'exit with 5 when a query does not do its work, 3 when what runs was changed outside, 2 when files are not deployed yet',
    ),
).action(async (options: RestOptions) => (await import('./commands/pipeline.js')).listQueries(options));
asking(queries.command('show').argument('<name>').description('one of them')).action(
  async (name: string, options: RestOptions) => (await import('./commands/pipeline.js')).showQuery(name, options),
);
asking(
  queries.command('redeploy').argument('<name>').description('create it again from its file, with all that reads it'),
).action(async (name: string, options: RestOptions) =>
  (await import('./commands/pipeline.js')).redeployQuery(name, options),
);

/** A command that looks at the files themselves. */
const onFiles = (command: Command): Command =>
  command
    .addOption(outputOption('table', 'json').default('table'))
    .option('--dir <folder>', 'the folder of the files', values.text, process.env['KSQL_DIR'] ?? 'ksql')
    .option('--env <name>', 'the environment whose values the variables have', values.text);
onFiles(
  queries
    .command('lint')
    .description('check the files, without a server: file, line, column and what to write instead'),
).action(async (options: Parameters<typeof import('./commands/query-files.js').lintQueries>[0]) =>
  (await import('./commands/query-files.js')).lintQueries(options),
);

onFiles(
  queries
    .command('test')
    .argument('[name]', 'one of them (default: all)')
    .description('run the tests beside the files'),
).action(
  async (name: string | undefined, options: Parameters<typeof import('./commands/query-files.js').testQueries>[1]) =>
    (await import('./commands/query-files.js')).testQueries(name, options),
);

asking(
  queries
    .command('plan')
    .description('what deploying the files would do to what runs; nothing is changed')
    .option('--exit-code', 'exit with 4 when something is blocked, 3 when something drifted, 2 when there are changes')
    .option('--full', 'with both statements')
    .option('--preview <hours>', 'what the rows of so many hours would be: 24 or 24h', values.hours),
).action(async (options: RestOptions & { exitCode?: boolean; full?: boolean; preview?: number }) =>
  (await import('./commands/plan.js')).planQueries(options),
);
asking(
  queries
    .command('deploy')
    .argument('<plan>', 'the id of a plan that you have seen')
    .description('carry out exactly that plan, or nothing when the files or what runs changed since')
    .option('--accept-repeats', 'objects that cannot go on are made again from the earliest record: rows come again'),
).action(async (plan: string, options: RestOptions & { acceptRepeats?: boolean }) =>
  (await import('./commands/plan.js')).deployPlan(plan, options),
);

const people = noun('people', 'the people whose conditions are watched');
asking(
  people.command('resnapshot').description('read the whole table of people again, after the replication slot was lost'),
).action(async (options: RestOptions) => (await import('./commands/people.js')).resnapshotPeople(options));

asking(
  people
    .command('import')
    .argument('<file>')
    .description('people, places or rules from CSV or NDJSON')
    .addOption(
      new Option('--kind <kind>', 'what the rows are').choices(['people', 'places', 'rules']).default('people'),
    )
    .addOption(
      new Option('--existing <how>', 'what is done about rows that are there already')
        .choices(['refuse', 'skip'])
        .default('refuse'),
    ),
).action(async (file: string, options: Parameters<typeof import('./commands/people.js').importPeople>[1]) =>
  (await import('./commands/people.js')).importPeople(file, options),
);
asking(
  people.command('erase').argument('<username>').description('remove a person and all that is kept of them'),
).action(async (username: string, options: RestOptions) =>
  (await import('./commands/people.js')).erasePerson(username, options),
);

const alerts = noun('alert', 'the alerts of people');
asking(alerts.command('list').argument('<person>').description("a person's alerts, by the person's id")).action(
  async (person: string, options: RestOptions) => (await import('./commands/alert.js')).listAlerts(person, options),
);
asking(alerts.command('why').argument('<id>').description('what led to an alert, down to the records')).action(
  async (id: string, options: RestOptions) => (await import('./commands/alert.js')).whyAlert(id, options),
);
asking(alerts.command('ack').argument('<id>').description('say that the person knows')).action(
  async (id: string, options: RestOptions) => (await import('./commands/alert.js')).acknowledgeAlert(id, options),
);

const webhooks = alerts.command('webhooks').description('where the alerts of people are posted');
const aboutPerson = (name: string, description: string): Command =>
  asking(webhooks.command(name).argument('<person>').description(description));
const aboutWebhook = (name: string, description: string): Command =>
  asking(webhooks.command(name).argument('<person>').argument('<id>').description(description));
const webhookCommands = () => import('./commands/webhooks.js');
aboutPerson('list', 'all of a person, and how they do').action(async (person: string, options: RestOptions) =>
  (await webhookCommands()).listWebhooks(person, options),
);
aboutPerson('add', 'post alerts there; shows its secret once')
  .argument('<url>')
  .action(async (person: string, url: string, options: RestOptions) =>
    (await webhookCommands()).addWebhook(person, url, options),
  );
aboutWebhook('test', 'post a notice that says that it is a test').action(
  async (person: string, id: string, options: RestOptions) =>
    (await webhookCommands()).testWebhook(person, id, options),
);
aboutWebhook('deliveries', 'what was and is to be delivered').action(
  async (person: string, id: string, options: RestOptions) =>
    (await webhookCommands()).listDeliveries(person, id, options),
);
aboutWebhook('replay', 'try what was given up anew').action(async (person: string, id: string, options: RestOptions) =>
  (await webhookCommands()).replayWebhook(person, id, options),
);
aboutWebhook('remove', 'post nothing more there').action(async (person: string, id: string, options: RestOptions) =>
  (await webhookCommands()).removeWebhook(person, id, options),
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

asking(topics.command('losses').description('what was deleted or replaced, of the last seven days')).action(
  async (options: RestOptions) => (await import('./commands/pipeline.js')).listLosses(options),
);
asking(
  topics
    .command('acknowledge')
    .argument('[name]', 'one topic (default: all)')
    .description('say that losses are known: status and page tell of them no longer'),
).action(async (name: string | undefined, options: RestOptions) =>
  (await import('./commands/pipeline.js')).acknowledgeLosses(name, options),
);

const transactions = noun('transactions', 'the open transactions of the cluster');
transactions
  .command('list')
  .description('all, the longest open first; readers of committed records wait for each')
  .addOption(outputOption('table', 'json').default('table'))
  .action(async (options: { output: string }) =>
    (await import('./commands/transactions.js')).listTransactions(options),
  );
transactions
  .command('abort')
  .argument('<id>')
  .description('end one that its producer does not end; what it wrote is dropped')
  .addOption(outputOption('table', 'json').default('table'))
  .action(async (id: string, options: { output: string }) =>
    (await import('./commands/transactions.js')).abortOpenTransaction(id, options),
  );

const groups = noun('groups', 'the consumer groups of the cluster');
asking(groups.command('list').description('all with their lag')).action(async (options: RestOptions) =>
  (await import('./commands/pipeline.js')).listGroups(options),
);
asking(groups.command('show').argument('<id>').description('one with its topics')).action(
  async (id: string, options: RestOptions) => (await import('./commands/pipeline.js')).showGroup(id, options),
);
