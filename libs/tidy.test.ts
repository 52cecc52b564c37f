// House style as a test: the rules that can be checked, so that style is not an argument.
import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dir, '..');
const LINES_LIMIT = 300;

type Source = { path: string; text: string; code: string; imports: string[] };

const IMPORT = /(?:from|import)\s*\(?\s*['"]([^'"\n]+)['"]/g;
const files = [
  ...new Bun.Glob('{libs,services,deploy,hakictl,web,bench,tests}/**/*.{ts,tsx}').scanSync({ cwd: ROOT }),
].filter((path) => !path.includes('node_modules/'));
const sources: Source[] = files.sort().map((path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const imports = [...text.matchAll(IMPORT)].map((match) => match[1] ?? '');
  return { path, text, code: text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, ''), imports };
});
const isTest = ({ path }: { path: string }): boolean =>
  /\.test\.tsx?$/.test(path) || path.includes('/testing/') || path.startsWith('tests/');
const program = sources.filter((source) => !isTest(source));

/** What a room may import from the workspace; its own room always. */
const LAYERS: Record<string, readonly string[]> = {
  'libs/base': [],
  'libs/contracts': ['base'],
  'libs/config-doc': ['base', 'contracts'],
  'libs/manifest': ['base', 'contracts'],
  'libs/authz': ['base', 'contracts'],
  'libs/substrate': ['base', 'contracts'],
  'libs/service': ['base', 'contracts', 'authz', 'substrate'],
  'libs/client': ['base', 'contracts', 'config-doc', 'manifest', 'authz'],
  'services/sync': ['base', 'contracts', 'config-doc', 'authz', 'substrate', 'service'],
  'services/apply': ['base', 'contracts', 'config-doc', 'manifest', 'authz', 'substrate', 'service'],
  'services/scheduler/node': ['base', 'contracts', 'manifest', 'client', 'substrate', 'service'],
  'services/scheduler': ['base', 'contracts', 'manifest', 'authz', 'substrate', 'service'],
  'services/auth': ['base', 'contracts', 'authz', 'substrate', 'service'],
  hakictl: ['base', 'contracts', 'config-doc', 'manifest', 'authz', 'client'],
  web: ['base', 'contracts', 'config-doc', 'manifest', 'client'],
};

/** The page's rooms, from the ground up: each knows those below it. `app` puts the screens together, and no screen knows it. */
const PAGE_ROOMS = [
  ['strings', 'device'],
  ['live'],
  ['parts'],
  ['screen'],
  ['together'],
  ['editor', 'changes', 'runs', 'admin', 'documents', 'offline'],
  ['revisions'],
  ['app'],
];

/** Which rooms may speak to which vendor. */
const VENDORS: Record<string, RegExp> = {
  nats: /^libs\/substrate\//,
  minio: /^libs\/substrate\//,
  '@libsql/client': /^libs\/substrate\//,
  libsql: /^libs\/substrate\/libsql\//,
  'drizzle-orm': /^libs\/substrate\/|\/(schema|store[a-z-]*)\.ts$/,
  elysia: /^libs\/service\/|\/routes[a-z-]*\.ts$/,
  '@elysiajs/openapi': /^libs\/service\//,
  'loro-crdt':
    /^bench\/|^libs\/(config-doc|client)\/|^services\/sync\/history\/|^services\/sync\/(host|history)\/|^web\//,
  'loro-protocol': /^bench\/|^services\/sync\/|^libs\/client\//,
  'loro-websocket': /^libs\/client\//,
  'loro-adaptors': /^libs\/client\//,
  idb: /^libs\/client\//,
  'bun:sqlite': /^libs\/(client\/replica-file|substrate\/directory\/file-lock)\.ts$/,
  'smol-toml': /^libs\/manifest\//,
  croner: /^libs\/manifest\//,
  filtrex: /^services\/scheduler\/node\//,
  '@biscuit-auth/biscuit-wasm': /^libs\/authz\//,
  pino: /^libs\/service\//,
  'prom-client': /^libs\/service\//,
  commander: /^hakictl\//,
  react: /^web\//,
  '@ariakit/react': /^web\//,
  '@tanstack/react-router': /^web\//,
  '@dnd-kit/core': /^web\/(parts|editor)\//,
  '@codemirror/view': /^web\/editor\/code\//,
  '@codemirror/state': /^web\/editor\/code\//,
};

function packageOf(specifier: string): string {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
}

function expectNone(violations: string[]): void {
  expect(violations).toEqual([]);
}

test('imports go down the layers only', () => {
  const rooms = Object.keys(LAYERS).sort((a, b) => b.length - a.length);
  expectNone(
    program.flatMap(({ path, imports }) => {
      const room = rooms.find((candidate) => path.startsWith(`${candidate}/`));
      if (room === undefined) return [];
      const own = room.split('/').at(-1) ?? '';
      const allowed = new Set([...(LAYERS[room] ?? []), own]);
      return imports
        .filter(
          (specifier) => specifier.startsWith('@hakiri/') && !allowed.has(specifier.split('/')[1] ?? ''),
        )
        .map((specifier) => `${path} imports ${specifier}`);
    }),
  );
});

test("the page's rooms know those below them only", () => {
  const levelOf = (room: string): number => PAGE_ROOMS.findIndex((rooms) => rooms.includes(room));
  const roomOf = (path: string): string => /^web\/([a-z]+)\//.exec(path)?.[1] ?? '';
  expectNone(
    program.flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => specifier.startsWith('.') && levelOf(roomOf(path)) >= 0)
        .map((specifier) => relative(ROOT, join(ROOT, path, '..', specifier)))
        .filter((to) => roomOf(to) !== roomOf(path) && levelOf(roomOf(to)) >= levelOf(roomOf(path)))
        .map((to) => `${path} imports ${to}`),
    ),
  );
});

test('no relative import leaves its package', () => {
  const packages = ['libs/[^/]+', 'services/[^/]+', 'deploy/[^/]+', 'hakictl', 'web', 'bench', 'tests'].map(
    (room) => new RegExp(`^${room}/`),
  );
  expectNone(
    sources.flatMap(({ path, imports }) => {
      const room = packages.map((pattern) => path.match(pattern)?.[0]).find(Boolean);
      return imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(ROOT, join(ROOT, path, '..', specifier)))
        .filter((target) => room !== undefined && !target.startsWith(room))
        .map((target) => `${path} imports ${target}`);
    }),
  );
});

test('the scheduler and its node share no code but the contracts', () => {
  expectNone(
    program
      .filter(({ path }) => path.startsWith('services/scheduler/'))
      .flatMap(({ path, imports }) => {
        const inNode = path.startsWith('services/scheduler/node/');
        return imports
          .filter((specifier) => (inNode ? specifier.startsWith('../') : specifier.startsWith('./node/')))
          .map((specifier) => `${path} imports ${specifier}`);
      }),
  );
});

test('no file imports itself through others', () => {
  const targets = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => relative(ROOT, join(ROOT, path, '..', specifier))),
    ]),
  );
  const done = new Set<string>();
  const circleFrom = (path: string, trail: string[]): string[] => {
    if (trail.includes(path)) return [[...trail.slice(trail.indexOf(path)), path].join(' → ')];
    if (done.has(path)) return [];
    done.add(path);
    return (targets.get(path) ?? []).flatMap((target) => circleFrom(target, [...trail, path]));
  };
  expectNone([...targets.keys()].flatMap((path) => circleFrom(path, [])));
});

test('vendors stay in their rooms', () => {
  expectNone(
    program.flatMap(({ path, imports }) =>
      imports
        .filter((specifier) => {
          const room = VENDORS[packageOf(specifier)];
          return room !== undefined && !room.test(path);
        })
        .map((specifier) => `${path} imports ${specifier}`),
    ),
  );
});

test('who runs no document loads no Loro, which takes some 30 MB and a start', () => {
  const transpiler = new Bun.Transpiler({ loader: 'ts' });
  const found = new Map([[join(ROOT, 'deploy/embedded/main.ts'), '']]);
  const violations: string[] = [];
  for (const [path, trail] of found)
    for (const { path: specifier } of transpiler.scanImports(readFileSync(path, 'utf8'))) {
      if (packageOf(specifier) === 'loro-crdt') violations.push(`${trail}${relative(ROOT, path)}`);
      if (!/^(\.|@hakiri\/)/.test(specifier)) continue;
      const target = Bun.resolveSync(specifier, join(path, '..'));
      if (!found.has(target)) found.set(target, `${trail}${relative(ROOT, path)} → `);
    }
  expect(found.size).toBeGreaterThan(100);
  expectNone(violations);
});

test('files stay short and say what they are for', () => {
  expectNone(
    sources.flatMap(({ path, text }) => {
      const lines = text.split('\n').length - 1;
      const opening = text.replace(/^#!.*\n/, '');
      return [
        ...(lines > LINES_LIMIT ? [`${path} has ${lines} lines: look for the seam`] : []),
        // A test is named after what it tests.
        ...(/\.test\.tsx?$/.test(path) || /^(\/\/|\/\*)/.test(opening)
          ? []
          : [`${path} does not open with what it is for`]),
      ];
    }),
  );
});

test('no any, no switched-off types, no console, no barrels, no utils', () => {
  const rules: [RegExp, string, (path: string) => boolean][] = [
    [
      /(:\s*any\b|\bas any\b(?!-)|<any>|@ts-ignore|@ts-expect-error|as unknown as)/,
      'switches types off',
      () => true,
    ],
    [/\bconsole\.\w+\(/, 'writes to the console', (path) => !path.startsWith('hakictl/')],
    [/export \* from/, 'is a barrel', (path) => path !== 'libs/authz/biscuit.ts'],
  ];
  expectNone([
    ...program.flatMap(({ path, code }) =>
      rules
        .filter(([pattern, , applies]) => applies(path) && pattern.test(code))
        .map(([, what]) => `${path} ${what}`),
    ),
    ...sources
      .filter(({ path }) => /\/(utils?|helpers?|index)\.ts$/.test(path))
      .map(({ path }) => `${path}: name what is in it`),
  ]);
});

test('only main.ts and those who start things read the environment', () => {
  expectNone(
    program
      .filter(({ path }) => !/(^|\/)main\.ts$/.test(path) && !/^(deploy|bench)\//.test(path))
      .filter(({ code }) => /\b(process|Bun|import\.meta)\.env\b/.test(code))
      .map(({ path }) => path),
  );
});

test('services take time and chance from their ports', () => {
  expectNone(
    program
      .filter(({ path }) => path.startsWith('services/') && !path.endsWith('/main.ts'))
      .filter(({ code }) =>
        /\b(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|Math\.random\(|Bun\.sleep\()/.test(code),
      )
      .map(({ path }) => path),
  );
});

test('subjects are declared once', () => {
  expectNone(
    sources
      .filter(
        ({ path }) =>
          path !== 'libs/contracts/subjects.ts' && !path.startsWith('libs/substrate/') && !isTest({ path }),
      )
      .filter(({ text }) => /['"`]hakiri\.(queue|sync|auth|apply|run)\./.test(text))
      .map(({ path }) => path),
  );
});

test('every rule that a SPEC.md says holds is quoted by a test, and every rule a test quotes is in a SPEC.md', () => {
  // A pattern that begins with braces finds nothing.
  const specs = ['services/*/SPEC.md', 'web/SPEC.md'].flatMap((pattern) => [
    ...new Bun.Glob(pattern).scanSync({ cwd: ROOT }),
  ]);
  const stated = new Set(
    specs.flatMap((path) =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(/^\s*- \*\*([A-Z]{2}\d+\.\d+)\*\*/gm)].map(
        (match) => match[1] ?? '',
      ),
    ),
  );
  const quoted = new Set(
    sources
      .filter(isTest)
      .flatMap(({ text }) =>
        [...text.matchAll(/\[((?:[A-Z]{2}\d+\.\d+(?:,\s*)?)+)\]/g)].flatMap((match) =>
          (match[1] ?? '').split(/,\s*/),
        ),
      ),
  );
  expect(specs.length).toBe(5);
  expectNone([...stated].filter((rule) => !quoted.has(rule)).map((rule) => `${rule} has no test`));
  expectNone(
    [...quoted]
      .filter((rule) => /^(SY|AP|AU|SC|PG)/.test(rule) && !stated.has(rule))
      .map((rule) => `${rule} is in no SPEC.md`),
  );
});
