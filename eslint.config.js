import reactHooks from 'eslint-plugin-react-hooks';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';

/** A layer's rule lists what is allowed, so that whoever breaks it reads where to go instead. */
function only(files, message, group, extra = []) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }, ...extra] }] } };
}

export default tseslint.config(
  {
    ignores: [
      'dist/',
      '.tsbuild/',
      '.dependency-cruiser.cjs',
      'scripts/require-node.cjs',
      'electron/hosts/cli/longshore.mjs',
      '.cache/',
      'node_modules/',
      'test-results/',
      'playwright-report/',
      'demo-output/',
    ],
  },
  tseslint.configs.recommendedTypeChecked,
  security.configs.recommended,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      // Conditions used for their effect, as in `test && act()`, are said with `if`.
      '@typescript-eslint/no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
      'no-console': 'error',
      eqeqeq: ['error', 'always'],
      // Both fire on every index and every path of a backend whose job is to read files by paths it made itself.
      'security/detect-object-injection': 'off',
      'security/detect-non-literal-fs-filename': 'off',
      // Patterns are read by people here; the ones over untrusted text are anchored and tested with hostile input.
      'security/detect-unsafe-regex': 'off',
    },
  },
  { files: ['renderer/**'], ...reactHooks.configs.flat['recommended-latest'] },
  only(['shared/**/*.ts'], 'shared may import shared and zod only.', [
    'node:*',
    '../../electron/*',
    '../electron/*',
    '../../renderer/*',
    'react*',
    'luxon',
    'jsforce',
  ]),
  only(
    ['renderer/**/*.tsx', 'renderer/{backend,wizard,steps,components,theme}/**'],
    'renderer may import shared, React and the DOM’s libraries; it has no Node and no backend.',
    ['node:*', '**/electron/backend/**', '**/electron/hosts/**', 'electron'],
  ),
  only(
    ['electron/backend/**'],
    'backend may import shared, Node and npm packages; never electron, a host or the practice org.',
    ['electron', '**/hosts/**', '**/practice-org/**'],
  ),
  only(
    ['electron/practice-org/**'],
    'practice-org may import shared/domain and Node; never the backend, whose bugs it would share.',
    ['**/backend/**', '**/hosts/**', 'electron', '**/shared/contract/**'],
  ),
  only(
    ['electron/hosts/browser/**', 'electron/hosts/cli/**', 'electron/hosts/node-ports/**'],
    'only hosts/desktop may import electron.',
    ['electron'],
  ),
  { files: ['**/*.js'], ...tseslint.configs.disableTypeChecked },
);
