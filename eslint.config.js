import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Layers: core ← adapters ← proxy, activities; workflows see core and the types of activities (DESIGN §1). */
const forbid = (patterns) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
});
const outside = (...layers) => ({
  regex: `(^|/)(${layers.join('|')})/`,
  message: 'imports point one way: core ← adapters ← proxy, activities',
});
const BUILTINS_AND_PACKAGES = {
  regex: '^[^.]',
  message: 'this layer imports no package and no Node builtin',
};
const TESTS = ['**/*.test.ts', 'tests/**'];

export default defineConfig(
  { ignores: ['node_modules/', '.ghee/', 'coverage/'] },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      complexity: ['error', 15],
      'no-console': 'error',
      'no-warning-comments': ['error', { terms: ['todo', 'fixme'] }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ExportAllDeclaration',
          message: 'no barrels: import the file that defines it',
        },
        { selector: 'ExportDefaultDeclaration', message: 'named exports only' },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['core/**/*.ts'],
    ignores: TESTS,
    rules: {
      ...forbid([
        BUILTINS_AND_PACKAGES,
        outside('adapters', 'proxy', 'workflows', 'activities', 'evals', 'scripts', 'tests'),
      ]),
      'no-restricted-globals': [
        'error',
        'process',
        'fetch',
        'console',
        'setTimeout',
        'setInterval',
        'crypto',
        'Buffer',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now' },
        { object: 'Math', property: 'random' },
      ],
    },
  },
  {
    files: ['adapters/**/*.ts'],
    ignores: TESTS,
    rules: forbid([outside('proxy', 'workflows', 'activities', 'evals', 'scripts', 'tests')]),
  },
  {
    files: ['proxy/**/*.ts'],
    ignores: TESTS,
    rules: forbid([outside('workflows', 'activities', 'evals', 'scripts', 'tests')]),
  },
  {
    files: ['activities/**/*.ts'],
    ignores: TESTS,
    rules: forbid([outside('proxy', 'evals', 'scripts', 'tests')]),
  },
  {
    files: ['workflows/**/*.ts'],
    ignores: TESTS,
    rules: {
      ...forbid([
        {
          regex: '^(?!\\.|@temporalio/(workflow|common)$)',
          message: 'workflows are deterministic',
        },
        outside('adapters', 'proxy', 'evals', 'scripts', 'tests'),
        { regex: '(^|/)activities/', allowTypeImports: true, message: 'only types of activities' },
      ]),
      'no-restricted-globals': ['error', 'process', 'fetch', 'console', 'crypto', 'Buffer'],
    },
  },
  {
    files: ['web/**/*.ts', 'web/**/*.tsx'],
    rules: forbid([
      {
        regex:
          '^\\.\\./(\\.\\./)*(?!proxy/admin/contract/)(core|adapters|proxy|workflows|activities|evals|scripts|tests)/',
        message: 'of the rest the dashboard sees proxy/admin/contract only',
      },
      { regex: '^node:', message: 'this runs in a browser' },
    ]),
  },
  {
    files: ['proxy/admin/contract/*.ts'],
    rules: forbid([{ regex: '^(?!zod$|\\./)', message: 'a contract imports nothing but zod' }]),
  },
  {
    files: TESTS,
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': 'off',
      'no-restricted-properties': [
        'error',
        ...['skip', 'only', 'todo'].flatMap((property) =>
          ['test', 'it', 'describe'].map((object) => ({ object, property })),
        ),
        { object: 'jest', property: 'mock' },
      ],
    },
  },
  { files: ['scripts/**/*.ts', 'evals/**/*.ts'], rules: { 'no-console': 'off' } },
);
