/** Where the services tell a caller to look, as the command that asks for it. */
const commands: Readonly<Record<string, string>> = {
  'GET /cities': 'npx isobar city list',
  'GET /topics': 'npx isobar topics list',
  'GET /losses': 'npx isobar topics losses',
  'GET /consumer-groups': 'npx isobar groups list',
  'GET /dead-letters': 'npx isobar dlq list',
  'GET /connectors': 'npx isobar connectors list',
  'GET /queries': 'npx isobar queries list',
  'GET /deployments': 'npx isobar queries list',
};

/** A service speaks to callers of its REST; at the command line its answers name commands. */
export const asCommands = (text: string): string =>
  text.replace(/\bGET \/[a-z-]+(?![\w/])/g, (call) => commands[call] ?? call);
