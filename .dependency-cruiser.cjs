/** Who may import what (docs/architecture.md). The linter says it in the editor; this says it of the whole graph. */
function forbid(name, comment, from, to, extra = {}) {
  return { name, comment, severity: 'error', from: { path: from, ...extra }, to };
}

/**
 * The backend's folders in the order of the data's way: each may import those named, and itself. What lies beside the
 * folders is for everybody (ports, dispatch), or puts them together (create-backend, staging-process).
 */
const FOLDERS = {
  tables: [],
  staging: ['tables', 'documents'],
  match: ['tables'],
  documents: [],
  settings: ['documents'],
  orgs: ['documents', 'settings'],
  query: ['orgs', 'documents', 'staging', 'tables'],
  cleaning: ['staging', 'tables', 'match'],
  source: ['cleaning', 'staging', 'tables', 'match', 'documents'],
  mapping: ['source', 'orgs', 'settings', 'documents'],
  validation: ['mapping', 'source', 'staging', 'tables', 'match', 'orgs'],
  lookups: ['plan', 'validation', 'mapping', 'source', 'staging', 'tables', 'match', 'orgs'],
  duplicates: ['staging', 'tables'],
  plan: [
    'duplicates',
    'lookups',
    'validation',
    'mapping',
    'source',
    'staging',
    'tables',
    'match',
    'orgs',
    'query',
    'documents',
    'settings',
  ],
  enrich: ['plan', 'source', 'match', 'staging', 'tables', 'orgs'],
  load: ['plan', 'validation', 'staging', 'tables', 'match', 'orgs', 'query', 'documents', 'settings'],
  'duplicate-rules': ['load', 'plan', 'match', 'staging', 'tables', 'orgs', 'settings'],
  rehearsal: ['load', 'plan', 'lookups', 'match', 'staging', 'tables', 'orgs', 'settings'],
  resembling: ['duplicates', 'duplicate-rules', 'load', 'plan', 'staging', 'tables', 'orgs', 'settings'],
  merge: [
    'duplicates',
    'resembling',
    'source',
    'load',
    'plan',
    'staging',
    'tables',
    'orgs',
    'query',
    'documents',
    'settings',
  ],
  undo: ['load', 'plan', 'validation', 'source', 'staging', 'tables', 'match', 'orgs', 'documents'],
  report: ['load', 'plan', 'source', 'staging', 'tables', 'documents'],
  jobs: ['mapping', 'source', 'orgs', 'documents'],
  prepare: ['source'],
  sync: ['load', 'plan', 'validation', 'mapping', 'source', 'staging', 'tables', 'match', 'orgs', 'documents'],
  runs: ['prepare', 'sync', 'jobs', 'load', 'plan', 'mapping', 'source', 'orgs', 'documents', 'settings'],
  schedules: ['runs', 'jobs', 'load', 'source', 'documents'],
  alerts: ['schedules', 'runs', 'jobs', 'documents'],
  history: ['report', 'load', 'plan', 'source', 'staging', 'documents'],
};
const backendFolders = Object.entries(FOLDERS).map(([folder, others]) =>
  forbid(
    `backend-${folder}`,
    `backend/${folder} may import ${others.map((other) => `backend/${other}`).join(', ') || 'no other folder'}.`,
    `^electron/backend/${folder}/`,
    { path: '^electron/backend/[^/]+/', pathNot: `^electron/backend/(${[folder, ...others].join('|')})/` },
    { pathNot: '\\.test\\.ts$' },
  ),
);

module.exports = {
  forbidden: [
    ...backendFolders,
    forbid(
      'backend-folders-are-listed',
      'Each folder of the backend says above whom it may import.',
      `^electron/backend/(?!(?:${Object.keys(FOLDERS).join('|')}|test-support)/)[^/]+/`,
      {},
    ),
    forbid('no-circular', 'Modules that need each other are one module.', '', {
      circular: true,
      viaOnly: { dependencyTypesNot: ['type-only'] },
    }),
    forbid(
      'shared-is-pure',
      'shared may import shared and zod.',
      '^shared',
      { pathNot: '^shared|node_modules/(zod|vitest|fast-check)' },
      { pathNot: '\\.test\\.ts$' },
    ),
    forbid('renderer-sees-shared', 'renderer may import shared and npm packages.', '^renderer', {
      path: '^electron|^e2e|^scripts',
    }),
    forbid('backend-is-hostless', 'backend may import shared, Node and npm packages.', '^electron/backend', {
      path: '^electron/(hosts|practice-org)|node_modules/electron/',
    }),
    forbid('practice-org-shares-no-code', 'practice-org may import shared/domain and Node.', '^electron/practice-org', {
      path: '^electron/(backend|hosts)|^shared/(?!domain)',
    }),
    forbid(
      'hosts-use-the-front-door',
      'hosts may import backend/create-backend and backend/ports.',
      '^electron/hosts/(?!node-ports/)',
      { path: '^electron/backend', pathNot: '^electron/backend/(create-backend|ports)\\.ts$' },
    ),
    forbid(
      'node-ports-lock-documents',
      'hosts/node-ports may import backend/documents too: settings are locked and written as other documents are; and how Node speaks with a staging process.',
      '^electron/hosts/node-ports/',
      {
        path: '^electron/backend',
        pathNot: '^electron/backend/(documents/|(staging/child-channel|create-backend|ports)\\.ts$)',
      },
    ),
    forbid('hosts-are-strangers', 'One host never imports another.', '^electron/hosts/(browser|cli|desktop)/', {
      path: '^electron/hosts/(browser|cli|desktop)/',
      pathNot: '^electron/hosts/$1/',
    }),
    forbid(
      'electron-only-on-the-desktop',
      'Only hosts/desktop may import electron.',
      '^(?!electron/hosts/desktop|e2e/support)',
      { path: 'node_modules/(electron|electron-store)/' },
    ),
    forbid(
      'not-to-test',
      'Product code does not import tests.',
      '^(shared|electron|renderer)',
      { path: '\\.test\\.tsx?$|test-support' },
      { pathNot: '\\.test\\.tsx?$|test-support' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
