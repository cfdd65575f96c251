/** The import boundaries: libraries never import apps, and each library only what stands below it. */
const lib = (name, ...allowed) => ({
  name: `libs-${name}`,
  comment: `libs/${name} may import ${allowed.length ? allowed.map((a) => `libs/${a}`).join(', ') : 'no other library'}`,
  severity: 'error',
  from: { path: `^libs/${name}/`, pathNot: String.raw`\.spec\.ts$` },
  to: { path: '^(apps|libs)/', pathNot: `^libs/(${[name, ...allowed].join('|')})/` },
});

/** Engine folders from the bottom up: a folder imports from its own and lower levels only (spec files excepted). */
const engineLevels = [
  ['errors'],
  ['types'],
  ['syntax', 'ports'],
  ['functions', 'catalog'],
  ['analyze', 'serde', 'state'],
  ['plan', 'expression'],
  ['operators'],
  ['topology'],
  ['runtime', 'facts', 'command', 'lease'],
  ['engine'],
  ['adapters', 'testing'],
];
const engineRules = engineLevels.flatMap((folders, level) =>
  folders.map((folder) => ({
    name: `engine-${folder}`,
    severity: 'error',
    from: { path: `^libs/ksql-engine/src/${folder}/`, pathNot: String.raw`\.spec\.ts$` },
    to: {
      path: `^libs/ksql-engine/src/(${
        engineLevels
          .slice(level + 1)
          .flat()
          .join('|') || 'none'
      })/`,
    },
  })),
);

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-app-to-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: String.raw`\.spec\.ts$` },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    lib('contracts'),
    lib('kafka', 'contracts', 'service-kit'),
    lib('ksql-client'),
    lib('ksql-engine', 'kafka'),
    lib('service-kit'),
    lib('local-stack', 'contracts', 'kafka', 'ksql-client'),
    lib('pipeline', 'contracts', 'ksql-engine'),
    {
      name: 'engine-core-has-no-kafka',
      comment: 'only adapters/kafka knows a Kafka client',
      severity: 'error',
      from: { path: '^libs/ksql-engine/src/', pathNot: '^libs/ksql-engine/src/adapters/kafka/' },
      to: { path: '^libs/kafka/|node_modules/(kafkajs|@platformatic)' },
    },
    {
      name: 'engine-core-asks-no-node',
      comment: 'the core runs wherever JavaScript does: files, threads and sockets are behind ports',
      severity: 'error',
      from: {
        path: '^libs/ksql-engine/src/',
        pathNot: String.raw`^libs/ksql-engine/src/(adapters/(kafka|worker)|state/disk|testing)/|\.spec\.ts$`,
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'engine-core-reaches-no-adapter',
      comment: '@isobar/ksql-engine itself; /kafka and /node are where those stand',
      severity: 'error',
      from: { path: String.raw`^libs/ksql-engine/src/index\.ts$` },
      to: { path: '^libs/ksql-engine/src/(adapters/(kafka|worker)|state/disk)/', reachable: true },
    },
    {
      name: 'kafka-knows-no-service',
      comment: 'whoever is no Nest app uses the clients by themselves; only nest/ knows the parts of a service',
      severity: 'error',
      from: { path: '^libs/kafka/src/', pathNot: '^libs/kafka/src/nest/' },
      to: { path: '^libs/service-kit/|^libs/kafka/src/nest/' },
    },
    {
      name: 'operators-know-no-syntax',
      severity: 'error',
      from: { path: '^libs/ksql-engine/src/operators/', pathNot: String.raw`\.spec\.ts$` },
      to: { path: '^libs/ksql-engine/src/(plan|syntax|analyze)/' },
    },
    {
      name: 'only-specs-import-testing',
      severity: 'error',
      from: {
        path: '^(apps|libs)/',
        pathNot: String.raw`(\.spec\.ts$|/testing/|/test/|^libs/pipeline/src/(tests|preview)/|^(libs/ksql-engine|apps/ksql-server)/(conformance|simulation|fuzz)/|/index\.ts$)`,
      },
      to: { path: '/src/testing/' },
    },
    {
      name: 'libraries-know-no-nest',
      severity: 'error',
      from: { path: '^libs/', pathNot: String.raw`(^libs/service-kit/|/nest/)` },
      to: { path: 'node_modules/@nestjs/' },
    },
    ...engineRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(dist/|\\.isobar/)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['types', 'import', 'default'],
    },
  },
};
