// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how configurations refer to variables
// What looks like a secret here is made up, and put together at run time so that no scanner of this repository takes it for one.
import { expect, test } from 'bun:test';
import type { ConfigDraft, PipelineDraft, VariableDraft } from '@hakiri/contracts/config';
import { asManifest } from './shape.ts';
import { pipelineDraft } from './testing/pipeline-draft.ts';
import { validateConfig } from './validate.ts';

const KEY = '01J00000000000000000000000';
const MIXED = 'q7Zk2mXv9Lp4Rt8Ws3Yb6Nc1Hd5Jf0Ga2Qe7U';
const source = (fields: Record<string, string>): PipelineDraft =>
  pipelineDraft(KEY, 'gh-issues', { source: { kind: 'http-json', ref: 'https://x.example', ...fields } });
const variable = (name: string, value: string): VariableDraft => ({ key: KEY, name, value, comment: '' });
const of = (...pipelines: PipelineDraft[]): ConfigDraft => ({ pipelines, variables: [] });
const found = (draft: ConfigDraft) =>
  validateConfig(draft).issues.filter(({ code }) => code.startsWith('secret.'));

test('[AP2.9] well-known forms, private keys, passwords in addresses, tokens in fields named so are refused', () => {
  const secrets: [PipelineDraft, string][] = [
    [source({ auth: ['ghp', MIXED.slice(0, 36)].join('_') }), '/source/auth'],
    [source({ ref: `https://x.example/?k=${['AKIA', 'ABCDEFGHIJKLMNOP'].join('')}` }), '/source/ref'],
    [source({ header: `Bearer ${['xoxb', '123456789012', 'abcdef'].join('-')}` }), '/source/header'],
    [source({ pem: ['-----BEGIN RSA', 'PRIVATE KEY-----\nabc'].join(' ') }), '/source/pem'],
    [source({ ref: 'postgres://app:s3cr3t@db.example/x' }), '/source/ref'],
    [source({ password: MIXED.slice(0, 16) }), '/source/password'],
    [source({ apiKey: MIXED }), '/source/apiKey'],
    [source({ ref: `https://x.example/?access_token=${MIXED}` }), '/source/ref'],
    [pipelineDraft(KEY, 'a', { description: `the token = "${MIXED}"` }), '/description'],
    [
      pipelineDraft(KEY, 'a', {
        transforms: [{ key: KEY, kind: 'polars', body: `f(password="${MIXED}")`, inputs: [] }],
      }),
      '/transforms/0/body',
    ],
  ];
  for (const [draft, place] of secrets) {
    const issues = found(of(draft));
    expect(issues).toMatchObject([
      { code: 'secret.literal', severity: 'error', path: `/pipelines/${String(draft.id)}${place}` },
    ]);
    expect(issues[0]?.suggestion?.value).toMatch(/^\$\{secret:[A-Z][A-Z0-9_]*\}$/);
    expect(JSON.stringify(issues)).not.toContain(MIXED.slice(0, 12));
    expect(JSON.stringify(issues)).not.toContain('s3cr3t');
  }
  const [issue] = found({ pipelines: [], variables: [variable('GITHUB_TOKEN', MIXED)] });
  expect(issue).toMatchObject({
    path: '/variables/GITHUB_TOKEN/value',
    suggestion: { value: '${secret:GITHUB_TOKEN}' },
  });
});

test('[AP2.9] names of secrets, references, plain words and long ids are none', () => {
  const fine = [
    source({ password: '${secret:DB_PASSWORD}', token: '${TOKEN_OF_TEAM}' }),
    source({ ref: 'postgres://app:${secret:DB_PASSWORD}@db.example/x?password=${secret:DB_PASSWORD}' }),
    source({ tokenizer: 'whitespace', secretary: 'Anna Maria', password: 'see the wiki' }),
    source({ token_url: 'https://login.example/oauth2/v1/token/98765' }),
    source({ ref: `https://x.example/repos/${MIXED}/issues` }),
    pipelineDraft(KEY, 'a', { description: 'Rotates the secret token; ask Bob for the password.' }),
  ];
  for (const draft of fine) expect(found(of(draft))).toEqual([]);
  expect(found(of(source({ token: '${secret:lower case}' })))).toMatchObject([
    { code: 'secret.reference_invalid', path: '/pipelines/gh-issues/source/token' },
  ]);
});

test('[AP2.9] one that is live already is a warning, and refused again where it is written anew', () => {
  // As a manifest from before this rule has it.
  const shaped = asManifest(of(source({ token: MIXED })));
  if (shaped.kind !== 'manifest') throw new Error(shaped.reason);
  const applied = shaped.manifest;
  const severities = (draft: ConfigDraft) =>
    validateConfig(draft, { applied }).issues.map(({ code, severity }) => [code, severity]);
  expect(severities(applied)).toEqual([['secret.literal', 'warning']]);
  expect(severities(of(source({ token: MIXED, page: '2' })))).toEqual([['secret.literal', 'error']]);
});
