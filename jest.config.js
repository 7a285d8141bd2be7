/** jest runs our TypeScript as ES modules under Node 24; swc strips the types, `tsc` checks them. */
const project = (displayName, testMatch, more = {}) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        module: { type: 'es6' },
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
      },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/.ghee/'],
  ...more,
});

const config = {
  maxWorkers: 2,
  // For what hangs, not for what is slow: many tests start a Ghee, on machines that do other things as well.
  testTimeout: 240_000,
  projects: [
    project('unit', ['<rootDir>/{core,proxy,workflows,scripts,activities,evals}/**/*.test.ts']),
    // Only `npm run test:clients` installs what these need.
    ...(process.env.GHEE_TEST_CLIENTS === undefined
      ? []
      : [project('clients', ['<rootDir>/tests/clients/**/*.test.ts'])]),
    // Only `npm run test:browser` finds or installs one.
    ...(process.env.GHEE_TEST_BROWSER === undefined
      ? []
      : [project('browser', ['<rootDir>/tests/browser/**/*.test.ts'])]),
    // Only `npm run chaos` installs what these need.
    ...(process.env.GHEE_TEST_TOXIPROXY === undefined
      ? []
      : [project('faults', ['<rootDir>/tests/faults/**/*.test.ts'])]),
    project('servers', ['<rootDir>/{adapters,tests}/**/*.test.ts'], {
      testPathIgnorePatterns: [
        '<rootDir>/tests/clients/',
        '<rootDir>/tests/browser/',
        '<rootDir>/tests/faults/',
      ],
      globalSetup: '<rootDir>/tests/support/start-servers.ts',
      globalTeardown: '<rootDir>/tests/support/stop-servers.ts',
    }),
  ],
};

export { config as default };
