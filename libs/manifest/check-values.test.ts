import { describe, expect, test } from 'bun:test';
import type { ConfigDraft, ManifestConfig } from '@hakiri/contracts/config';
import { fileIssues } from './check-file.ts';
import { patchPipeline } from './merge-patch.ts';
import { parseManifest } from './parse.ts';
import { asManifest } from './shape.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const KEY = '01ARZ3NDEKTSV4RRFFQ6000001';
const OTHER = '01ARZ3NDEKTSV4RRFFQ6000002';
const TOO_LARGE = 2 ** 53;

const source = (more: object) => ({ kind: 'csv-file', ref: 'a.csv', ...more });
const draftOf = (...pipelines: ConfigDraft['pipelines']): ConfigDraft => ({ pipelines, variables: [] });
const said = (issues: readonly { path: string; code: string }[]) =>
  issues.map(({ path, code }) => `${path} ${code}`);
const errors = (...args: Parameters<typeof validateConfig>) =>
  said(validateConfig(...args).issues.filter(({ severity }) => severity === 'error'));

function live(...pipelines: ConfigDraft['pipelines']): ManifestConfig {
  const shaped = asManifest(draftOf(...pipelines));
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  return shaped.manifest;
}

const tableOf = (id: string, more = '') => `[[pipeline]]
id = "${id}"
source = { kind = "csv-file", ref = "orders.csv" }
destination = { table = "a.b" }
schedule = { kind = "every", expr = "10h" }
${more}
`;
const ofFile = (toml: string) => fileIssues(parseManifest(toml));

describe('values that not every reader has', () => {
  test('[AP2.21] are an error, and where they are live already a warning that stops nobody', () => {
    for (const number of [TOO_LARGE, -TOO_LARGE, 2 ** 60, 1e300, 1e21]) {
      const odd = pipelineDraft(KEY, 'odd', { source: source({ n: number }) });
      const fine = pipelineDraft(OTHER, 'fine', {});
      expect(errors(draftOf(odd, fine))).toEqual(['/pipelines/odd/source/n number.unsafe']);
      const applied = live(odd);
      const beside = { pipelines: [...applied.pipelines, fine], variables: [] };
      const { config, issues } = validateConfig(beside, { applied });
      expect(config).toBeDefined();
      expect(issues).toMatchObject([{ code: 'number.unsafe', severity: 'warning' }]);
    }
    for (const number of [TOO_LARGE - 1, 1 - TOO_LARGE, 0.1, 1e-300, 0])
      expect(errors(draftOf(pipelineDraft(KEY, 'a', { source: source({ n: number }) })))).toEqual([]);
  });

  test('[AP2.21] are refused in a patch, with their place', () => {
    const before = pipelineDraft(KEY, 'a', {});
    const codes = (json: string): string[] => {
      const patched = patchPipeline(before, JSON.parse(json), () => OTHER);
      return patched.kind === 'refused' ? said(patched.issues) : [];
    };
    expect(codes('{"source":{"m":9007199254740992}}')).toEqual(['/source/m number.unsafe']);
    expect(codes('{"source":{"n":-9007199254740993}}')).toEqual(['/source/n number.unsafe']);
    expect(codes('{"source":{"n":1e400}}')).toEqual(['/source/n number.unsafe']);
    expect(codes('{"name":"a\\ud800b","source":{"__proto__":1}}')).toEqual([
      '/name text.malformed',
      '/source/__proto__ name.reserved',
    ]);
    expect(codes('{"name":"\\ud83d\\ude00","source":{"m":9007199254740991}}')).toEqual([]);
  });

  test('[AP2.21] are refused in a file, however it is written', () => {
    const inSource = (option: string) =>
      ofFile(tableOf('a').replace('ref =', `${option}, ref =`)).map(({ path, code }) => `${path} ${code}`);
    expect(inSource('m = 9007199254740993')).toEqual([' toml.syntax']);
    expect(inSource('m = 9007199254740992.0')).toEqual(['/pipelines/a/source/m number.unsafe']);
    expect(inSource('m = inf')).toEqual(['/pipelines/a/source/m number.unsafe']);
    expect(inSource('m = nan')).toEqual(['/pipelines/a/source/m number.unsafe']);
    expect(inSource('m = 9007199254740991')).toEqual([]);
  });
});

describe('what a file says', () => {
  test('[AP2.22] an unknown field hides nothing else that is wrong', () => {
    const issues = said(
      ofFile(`colour = 1
${tableOf('a', 'colour = "red"\nenabled = "yes"')}
${tableOf('b').replace('a.b', '1x')}
${tableOf('c').replace('{ kind = "every", expr = "10h" }', '{ kind = "cron", expr = "0 0 31 2 *", timezone = "Europe/Berln" }')}
[[variable]]
name = "low"
`),
    );
    expect(issues).toEqual([
      '/colour toml.unknown_field',
      '/pipelines/a/colour toml.unknown_field',
      '/pipelines/a/enabled enabled.invalid',
      '/pipelines/b/destination/table destination.invalid',
      '/pipelines/c/schedule/timezone schedule.timezone_unknown',
      '/pipelines/c/schedule/expr schedule.cron_never',
      '/variables/low/name variable.name.invalid',
    ]);
  });

  test('[AP2.22] a time zone that is not there does not hide a cron expression that never fires', () => {
    const schedule = { kind: 'cron', expr: '0 0 31 2 *', timezone: 'Europe/Berln' };
    expect(errors(draftOf(pipelineDraft(KEY, 'a', { schedule })))).toEqual([
      '/pipelines/a/schedule/timezone schedule.timezone_unknown',
      '/pipelines/a/schedule/expr schedule.cron_never',
    ]);
  });

  test('[AP2.23] what TOML takes and a configuration cannot hold is refused, never dropped or turned into something else', () => {
    const proto = ofFile(tableOf('a').replace('ref =', '"__proto__" = "x", ref ='));
    expect(proto).toMatchObject([{ path: '/pipelines/a/source/__proto__', code: 'name.reserved' }]);
    expect(said(ofFile(tableOf('a', '[pipeline.schema]\n__proto__ = "int64"')))).toEqual([
      '/pipelines/a/schema/__proto__ name.reserved',
    ]);
    const dated = ofFile(tableOf('a').replace('ref =', 'since = 1979-05-27, ref ='));
    expect(dated).toMatchObject([{ path: '/pipelines/a/source/since', code: 'toml.date' }]);
    expect(dated[0]?.message).toContain('"1979-05-27"');
  });

  test('[AP2.23] a format that is no number, and one that is not known, are told apart', () => {
    const [quoted] = ofFile('format = "1"\n');
    expect(quoted).toMatchObject({ path: '/format', code: 'toml.format_unsupported' });
    expect(quoted?.message).toContain('without quotes');
    const [newer] = ofFile('format = 9\n');
    expect(newer?.message).toContain('of format 9');
  });
});
