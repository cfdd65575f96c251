/** Two projects: `unit` needs nothing; `integration` talks to real Kafka, PostgreSQL, Connect or a browser. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
          keepClassNames: true,
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: {
    '^(\\.{1,2}/.*)\\.js$': '$1',
    '^@isobar/([a-z-]+)$': '<rootDir>/libs/$1/src/index.ts',
    '^@isobar/kafka/dead-letter$': '<rootDir>/libs/kafka/src/dead-letters/dead-letter.ts',
    '^@isobar/([a-z-]+)/([a-z-]+)$': ['<rootDir>/libs/$1/src/$2/index.ts', '<rootDir>/libs/$1/src/$2.ts'],
  },
  modulePathIgnorePatterns: ['/dist/', '/.isobar/'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.isobar/'],
};

const integrationSuffix = String.raw`\.(kafka|pg|connect|stack|browser)\.spec\.ts$`;

export default {
  // What hangs is found all the same; what computes for seconds takes long beside others. Jest takes it from here alone.
  testTimeout: 60_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testRegex: [String.raw`(?<!\.(kafka|pg|connect|stack|browser|e2e))\.spec\.ts$`],
    },
    { ...shared, displayName: 'integration', testRegex: [integrationSuffix] },
    { ...shared, displayName: 'e2e', testRegex: [String.raw`\.e2e\.spec\.ts$`] },
  ],
};
