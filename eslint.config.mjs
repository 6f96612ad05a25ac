import { readdirSync } from 'node:fs';
import next from 'eslint-config-next/core-web-vitals';
import ts from 'eslint-config-next/typescript';
import i18next from 'eslint-plugin-i18next';
import { builtinRules } from 'eslint/use-at-your-own-risk';

const models = './models';
/** Who may import whom: the target may not import what `from` lists. */
const forbid = (target, from, message) => ({ target, from, message });

// Imports point downwards only (docs/architecture.md): app → server (types), kept, models; server → kept, models,
// prisma; kept → models;
// models → nothing of ours.
const directions = [
  forbid(
    models,
    ['./kept', './server', './app', './prisma', './e2e'],
    'models/ stands alone: it runs in a worker and in Node.',
  ),
  forbid(
    './kept',
    ['./server', './app', './prisma', './e2e'],
    'kept/ runs in the page and on the server: models/ is all it may know.',
  ),
  forbid('./server', ['./app', './e2e'], 'server/ may import kept/, models/ and prisma/ only.'),
  forbid('./app', ['./e2e', './prisma'], 'app/ reaches the database through server/ only.'),
];

/** Floors, from the ground up: what stands on one may import those below it, not its neighbours. */
function zonesOf(root, floors, beside = []) {
  const known = [...floors.flat(), ...beside];
  for (const { name } of readdirSync(new URL(root, import.meta.url), { withFileTypes: true }))
    if (!known.includes(name) && !/^test-|\.test\.ts$|\.md$/.test(name))
      throw new Error(`${root}/${name} has no floor. Name it in eslint.config.mjs.`);
  return floors.flatMap((floor, level) =>
    floor.map((name) =>
      forbid(
        `./${root}/${name}`,
        floors
          .slice(level)
          .flat()
          .filter((other) => other !== name)
          .map((other) => `./${root}/${other}`),
        `${root}/${name} may import the floors below it: ${floors.slice(0, level).flat().join(', ') || 'none'}.`,
      ),
    ),
  );
}
/** All of models/: files that stand alone have floors too. */
const modelFloors = [
  [
    'error-data.ts',
    'float16.ts',
    'random.ts',
    'said.ts',
    'units.ts',
    'canonical.ts',
    'event-queue.ts',
    'old-manifest.ts',
  ],
  ['errors.ts'],
  ['stops.ts'],
  ['runtime', 'onnx', 'worker'],
  ['events.ts', 'networks'],
  ['manifest.ts', 'files', 'metrics'],
  ['graphs', 'spaces'],
  ['search', 'bench', 'vectors'],
  ['decoders', 'certainty.ts'],
  ['weights'],
  ['own-embedding.ts'],
  ['lanes'],
  ['compare.ts', 'collections'],
];
/** Of kept/, what others stand on. */
const keptFloors = [
  ['fields.ts', 'csv.ts', 'escape.ts', 'merge-lines.ts', 'samples.ts', 'lane-end.ts'],
  ['captions', 'collections', 'record-schema.ts', 'requests.ts', 'ratings.ts', 'person-captions.ts', 'programs.ts'],
  ['comparison.ts'],
  [
    'answers.ts',
    'export-text.ts',
    'export-formats.ts',
    'frequencies.ts',
    'figure.ts',
    'input-embedding.ts',
    'record.ts',
    'replay.ts',
  ],
  ['share-file.ts'],
];
const serverFloors = [
  ['env'],
  ['db', 'hub'],
  ['errors'],
  ['http', 'files'],
  ['media', 'owners', 'weights'],
  ['engine', 'families'],
  ['vectors'],
  ['comparisons', 'collections'],
  ['history'],
  ['studio'],
  ['programs'],
  ['trpc', 'cli'],
  ['library'],
  ['bench'],
];
const collectionFloors = [
  ['sources', 'prepare', 'engines.ts'],
  ['sinks'],
  ['run'],
  ['workshop.ts', 'uploads', 'service.ts', 'table'],
  ['export-response.ts', 'exports.ts'],
  ['desk.ts'],
];
const floors = [
  ...zonesOf('server/collections', collectionFloors),
  forbid(
    './server/collections/{sources,sinks}',
    ['db', 'hub', 'owners', 'weights', 'engine', 'families'].map((name) => `./server/${name}`),
    'Sources and sinks are files and pictures: they know neither the database nor the engine.',
  ),
  ...zonesOf('models', modelFloors, ['pocket', 'training']),
  ...zonesOf('kept', keptFloors),
  ...zonesOf('server', serverFloors, ['setup']),
];
/** The page: what it speaks with and draws with, its subjects, its pages. */
const appFloors = [
  ['languages'],
  ['engine', 'views', 'controls'],
  ['lines', 'inspector'],
  ['client', 'share-file'],
  ['families'],
  ['lanes', 'comparisons'],
  ['inputs'],
  ['references', 'ratings'],
  ['exports'],
  ['sharing', 'replay'],
  ['frame'],
  ['history', 'collections'],
  ['studio'],
  ['api', 'bench', 'c', 'local', 'models', 'programs', 's', 'v1', 'page.tsx', 'layout.tsx'],
];
floors.push(...zonesOf('app', appFloors, ['globals.css', 'icon.svg']));
const door = 'Only its route (and, for the types, app/client/client.tsx) imports server/trpc.';
const trpcDoor = [
  './app/!(api|client)/**/*',
  './app/client/!(client.tsx)',
  './app/api/!(trpc)/**/*',
  './app/*.tsx',
  './e2e',
].map((target) => forbid(target, ['./server/trpc'], door));

/** Next's rules are of React and its pages, which are in app/ alone; those of imports hold everywhere. */
const ofPages = next.flatMap(({ rules = {} }) => Object.keys(rules)).filter((name) => !name.startsWith('import/'));

const config = [
  ...next,
  {
    files: ['{server,kept,models,e2e,prisma}/**'],
    rules: Object.fromEntries(ofPages.map((name) => [name, 'off'])),
  },
  ...ts,
  {
    ignores: [
      '.next/**',
      '.studio/**',
      'public/engine/**',
      'prisma/generated/**',
      'next-env.d.ts',
      'test-results/**',
      'playwright-report/**',
      'data/**',
    ],
  },
  {
    rules: {
      // What the formatter cannot break. A sentence that somebody reads stays whole, so that it is found and
      // translated as one; so do patterns and addresses. Comments are wrapped.
      'max-len': [
        'error',
        {
          code: 120,
          ignoreStrings: true,
          ignoreTemplateLiterals: true,
          ignoreRegExpLiterals: true,
          ignoreUrls: true,
        },
      ],
      'import/no-restricted-paths': ['error', { zones: [...directions, ...floors, ...trpcDoor] }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
    settings: { 'import/resolver': { typescript: { project: './tsconfig.json' } } },
  },
  {
    // A string is put together from pieces (`…` + `…`) where it passes two lines' width. Excepted are these files, each
    // of which has a sentence that stays in one piece because it is the key of its translations.
    ignores: ['app/bench/page.tsx', 'app/inputs/composer.tsx', 'app/studio/doubt.tsx'],
    plugins: { width: { rules: { 'max-string': builtinRules.get('max-len') } } },
    rules: { 'width/max-string': ['error', 240] },
  },
  {
    // Tests of one floor may put the whole house together.
    files: ['{server,models,kept}/**/*.test.ts', '{server,models}/**/{test,scripted}-*.ts'],
    rules: { 'import/no-restricted-paths': ['error', { zones: directions }] },
  },
  {
    // The library runs in a browser worker too: no React, Next, Prisma or Node modules, except the Node runtime itself.
    files: ['models/**/*.ts', 'kept/**/*.ts'],
    ignores: ['models/runtime/node{,-telemetry,-thread}.ts', '{models,kept}/**/*.test.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['node:*', 'react', 'react-dom', 'next', 'next/*', '@prisma/*', 'onnxruntime-node', 'sharp'],
              message: 'models/ and kept/ must run in a browser as they are.',
            },
          ],
        },
      ],
    },
  },
  {
    // What the page says is said by t(…), so that it can be said in every language (app/languages).
    files: ['app/**/*.tsx'],
    ignores: ['app/**/*.test.tsx'],
    plugins: { i18next },
    rules: {
      'i18next/no-literal-string': [
        'error',
        {
          mode: 'jsx-only',
          message: 'Say it by t(…), and add it to every catalog in app/languages.',
          'should-validate-template': true,
          'jsx-attributes': {
            include: [
              'aria-label',
              'aria-valuetext',
              'aria-description',
              'title',
              'placeholder',
              'alt',
              'label',
              'help',
              'name',
              'of',
              'what',
            ],
          },
          // Without a word of two letters there is nothing to say.
          words: { exclude: [/^(?!.*\p{L}{2}).*$/su] },
          callees: { exclude: ['t', 'msg', 'decimals', 'fixed', 'limit'] },
        },
      ],
    },
  },
  {
    // The page may know the server's types, never its code.
    files: ['app/**/*.{ts,tsx}'],
    ignores: ['app/api/**', 'app/**/route.ts', 'app/**/*.test.{ts,tsx}', 'app/languages/find-sentences.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@/server/*', '../server/*', '../../server/*'],
              allowTypeImports: true,
              message: 'Only types from server/.',
            },
            {
              group: ['**/kept/{requests,fields,record-schema}', '**/models/{events,error-data}', '**/runtime/device'],
              allowTypeImports: true,
              message: 'Only types: schemas would bring zod into the scripts of a first visit.',
            },
          ],
        },
      ],
    },
  },
];

export default config;
