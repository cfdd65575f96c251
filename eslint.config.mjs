import eslint from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.isobar/**', '**/web/vendor/**'] },
  eslint.configs.recommended,
  {
    files: ['**/*.mjs', '**/*.cjs', '**/web/**/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'URL',
          'fetch',
          'module',
          'document',
          'window',
          'EventSource',
          'setTimeout',
          'clearTimeout',
          'setInterval',
          'clearInterval',
          'Intl',
          'localStorage',
          'AbortController',
          'AbortSignal',
          'matchMedia',
          'requestAnimationFrame',
          'CustomEvent',
          'HTMLElement',
          'navigator',
          'Buffer',
          'location',
          'history',
          'URLSearchParams',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  // Decorator metadata needs the class at run time, so an injected class may not become a type import.
  {
    files: ['apps/**/*.ts', 'libs/service-kit/**/*.ts', 'libs/**/nest/**/*.ts'],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    files: [
      'apps/isobar/**/*.ts',
      '**/conformance/**/*.ts',
      'bench/**/*.ts',
      'e2e/**/*.ts',
      '**/simulation/**/*.ts',
      '**/fuzz/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
);
