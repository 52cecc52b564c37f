import { describe, expect, test } from 'bun:test';
import type { ManifestConfig } from '@hakiri/contracts/config';
import { type ApplyPolicy, NO_POLICY } from '@hakiri/contracts/policy';
import { canonicalPipeline, EMPTY_CONFIG } from '@hakiri/manifest/canonical';
import { asManifest } from '@hakiri/manifest/shape';
import { cpuMs } from '@hakiri/testing/cpu-time';
import { pipeline } from '../testing/bed-peer.ts';
import { changeOf, digestOfChange, touchedBy } from './approval-change.ts';
import {
  type Asking,
  crossesProtection,
  decidePolicy,
  type Given,
  mayApprove,
  nextOpen,
  type Touched,
} from './policy.ts';
import { checkPolicy } from './policy-check.ts';
import { namesTicket, patternFault } from './policy-ticket.ts';

const NOW = Date.parse('2026-06-10T12:00:00Z'); // a Wednesday
const HOUR = 3_600_000;
const ADMINS = { roles: ['admin' as const, 'owner' as const], users: [] };
const asking = (changes: Partial<Asking> = {}): Asking => ({
  author: 'alice',
  person: 'alice',
  role: 'applier',
  message: '',
  override: false,
  waited: false,
  timing: { kind: 'now' },
  ...changes,
});
const PROD: ApplyPolicy = { ...NO_POLICY, protected: [{ group: 'prod', approvals: 1, by: ADMINS }] };
const FROZEN: ApplyPolicy = {
  ...NO_POLICY,
  freezes: [
    {
      name: 'year end',
      when: { kind: 'between', from: '2026-06-10T00:00:00Z', until: '2026-06-12T00:00:00Z' },
    },
  ],
};
const inProd: Touched[] = [{ what: 'runs', before: 'prod/etl', after: 'prod/etl' }];
const bob: Given = { user: 'bob', role: 'admin' };

describe('decidePolicy', () => {
  test('[AP12.4] without a policy everything goes', () => {
    expect(decidePolicy(NO_POLICY, asking(), inProd, [], NOW)).toEqual({
      kind: 'go',
      overrode: [],
      approvedBy: [],
    });
  });

  test('[AP12.5] a message, and a ticket found in it, where the team wants them', () => {
    const wanted: ApplyPolicy = {
      ...NO_POLICY,
      requireMessage: true,
      ticket: { pattern: '[A-Z]+-[0-9]+', example: 'OPS-7' },
    };
    const says = (message: string) => decidePolicy(wanted, asking({ message }), [], [], NOW);
    expect(says(' ')).toMatchObject({ kind: 'refused', problem: { code: 'message_required', status: 422 } });
    expect(says('because')).toMatchObject({
      kind: 'refused',
      problem: { detail: expect.stringContaining('OPS-7') },
    });
    expect(says('see OPS-12: hourly').kind).toBe('go');
    expect(
      decidePolicy({ ...NO_POLICY, requireMessage: true }, asking({ message: 'why' }), [], [], NOW).kind,
    ).toBe('go');
  });

  test('[AP12.7] a protected group waits for as many of those it names, never for the author', () => {
    const two: ApplyPolicy = {
      ...NO_POLICY,
      protected: [{ group: 'prod', approvals: 2, by: { roles: ['owner'], users: ['bob'] } }],
    };
    const after = (...given: Given[]) => decidePolicy(two, asking(), inProd, given, NOW);
    const owner: Given = { user: 'olga', role: 'owner' };
    expect(after()).toMatchObject({
      kind: 'approval',
      needs: [{ group: 'prod', approvals: 2, given: 0 }],
      expiresAtMs: NOW + 72 * HOUR,
    });
    expect(after(bob)).toMatchObject({ needs: [{ given: 1 }] });
    expect(after(bob, bob)).toMatchObject({ needs: [{ given: 1 }] });
    expect(after(bob, { user: 'carol', role: 'admin' })).toMatchObject({ needs: [{ given: 1 }] });
    expect(after(bob, { user: 'alice', role: 'owner' })).toMatchObject({ needs: [{ given: 1 }] });
    expect(after(bob, owner)).toEqual({ kind: 'go', overrode: [], approvedBy: ['bob', 'olga'] });
    expect(mayApprove(two, [{ group: 'prod', approvals: 2, given: 0 }], owner)).toBe(true);
    expect(
      mayApprove(two, [{ group: 'prod', approvals: 2, given: 0 }], { user: 'carol', role: 'admin' }),
    ).toBe(false);
  });

  test('[AP12.14] groups go by path, with those below; empty is everything; leaving one counts as entering it', () => {
    const needed = (touched: Touched[], policy = PROD) =>
      decidePolicy(policy, asking(), touched, [], NOW).kind;
    expect(needed([{ what: 'runs', after: 'prod' }])).toBe('approval');
    expect(needed([{ what: 'runs', before: ' prod / etl ' }])).toBe('approval');
    expect(needed([{ what: 'runs', before: 'production', after: 'production' }])).toBe('go');
    expect(needed([{ what: 'moved', before: 'prod', after: 'lab' }])).toBe('approval');
    expect(needed([{ what: 'moved', before: 'lab', after: 'prod/x' }])).toBe('approval');
    expect(needed([{ what: 'moved', before: 'prod/x', after: 'prod/y' }])).toBe('go');
    const all = { ...NO_POLICY, protected: [{ group: '', approvals: 1, by: ADMINS }] };
    expect(needed([{ what: 'runs', after: '' }], all)).toBe('approval');
    expect([crossesProtection(PROD, 'prod', 'lab'), crossesProtection(PROD, 'prod/a', 'prod')]).toEqual([
      true,
      false,
    ]);
  });

  test('[AP12.6] a freeze refuses, waits for its end, or is overridden by whom it names, with a message', () => {
    const verdict = (changes: Partial<Asking>) => decidePolicy(FROZEN, asking(changes), [], [], NOW);
    expect(verdict({})).toMatchObject({ kind: 'refused', problem: { code: 'frozen', status: 409 } });
    expect(verdict({})).toMatchObject({
      problem: { detail: expect.stringContaining('2026-06-12T00:00:00.000Z') },
    });
    expect(verdict({ timing: { kind: 'window' } })).toEqual({
      kind: 'wait',
      untilMs: Date.parse('2026-06-12T00:00:00Z'),
    });
    const override = { override: true, message: 'outage' };
    expect(verdict(override)).toMatchObject({ kind: 'refused', problem: { code: 'frozen' } });
    expect(verdict({ ...override, role: 'admin' })).toEqual({
      kind: 'go',
      overrode: ['year end'],
      approvedBy: [],
    });
    expect(verdict({ ...override, role: 'admin', message: '' })).toMatchObject({
      problem: { code: 'message_required' },
    });
    expect(verdict({ ...override, role: undefined })).toMatchObject({ problem: { code: 'frozen' } });
  });

  test('[AP12.6] apply windows close all other times; the next open one is out of every freeze', () => {
    const weekly: ApplyPolicy = {
      ...FROZEN,
      windows: {
        open: [{ kind: 'recurring', cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', minutes: 120 }],
      },
    };
    expect(nextOpen(weekly, NOW)).toBe(Date.parse('2026-06-12T07:00:00Z'));
    expect(
      decidePolicy(weekly, asking({ timing: { kind: 'window' } }), [], [], Date.parse('2026-06-12T07:30:00Z'))
        .kind,
    ).toBe('go');
    const never: ApplyPolicy = {
      ...NO_POLICY,
      freezes: [{ name: 'for ever', when: { kind: 'recurring', cron: '* * * * *', minutes: 2 } }],
    };
    expect(decidePolicy(never, asking({ timing: { kind: 'window' } }), [], [], NOW)).toMatchObject({
      kind: 'refused',
      problem: { code: 'frozen' },
    });
    const over = { override: true, message: 'now', role: 'owner' as const };
    expect(decidePolicy(weekly, asking(over), [], [], NOW)).toMatchObject({
      kind: 'go',
      overrode: ['year end', 'outside the apply windows'],
    });
  });

  test('[AP12.8] who was approved in a freeze waits for its end', () => {
    const both: ApplyPolicy = { ...FROZEN, protected: PROD.protected };
    expect(decidePolicy(both, asking(), inProd, [], NOW)).toMatchObject({ problem: { code: 'frozen' } });
    expect(decidePolicy(both, asking(), inProd, [bob], NOW)).toEqual({
      kind: 'wait',
      untilMs: Date.parse('2026-06-12T00:00:00Z'),
    });
  });

  test('[AP12.10] a set time waits, goes, and is refused when it is 15 minutes past', () => {
    const at = (dueAtMs: number, nowMs: number, policy = NO_POLICY) =>
      decidePolicy(policy, asking({ timing: { kind: 'at', dueAtMs } }), inProd, [], nowMs);
    expect(at(NOW + HOUR, NOW)).toEqual({ kind: 'wait', untilMs: NOW + HOUR });
    expect(at(NOW + HOUR, NOW + HOUR).kind).toBe('go');
    expect(at(NOW, NOW + HOUR / 4).kind).toBe('go');
    expect(at(NOW, NOW + HOUR / 4 + 1)).toMatchObject({ kind: 'refused', problem: { code: 'apply_missed' } });
    expect(at(NOW + 91 * 24 * HOUR, NOW)).toMatchObject({ problem: { code: 'malformed' } });
    // Approval is asked for at once, and no longer than it helps; what is frozen then is refused now.
    expect(at(NOW + HOUR, NOW, PROD)).toMatchObject({ kind: 'approval', expiresAtMs: NOW + HOUR + HOUR / 4 });
    expect(at(NOW + HOUR, NOW - 24 * HOUR, FROZEN)).toMatchObject({ problem: { code: 'frozen' } });
  });
});

describe('what would change', () => {
  const config = (
    pipelines: ReturnType<typeof pipeline>[],
    variables: ManifestConfig['variables'] = [],
  ): ManifestConfig => {
    const shaped = asManifest({ pipelines: pipelines.map(canonicalPipeline), variables });
    if (shaped.kind !== 'manifest') throw new Error('no manifest');
    return shaped.manifest;
  };
  const touched = (before: ManifestConfig, after: ManifestConfig) => touchedBy(changeOf(before, after));
  const variable = (value: string) => ({ key: '01HZ0000000000000000000099', name: 'DB', value, comment: '' });
  const uses = { source: { kind: 'csv', ref: '${DB}.csv' } };

  test('[AP12.14] additions, changes, deletions, moves, and variables that a pipeline uses; cosmetic fields are none', () => {
    const [one, two] = [pipeline(1, { group: 'prod' }), pipeline(2, { group: 'lab' })];
    const base = config([one, two]);
    expect(touched(base, config([one, { ...two, enabled: false }]))).toEqual([
      { what: 'runs', before: 'lab', after: 'lab' },
    ]);
    expect(touched(EMPTY_CONFIG, config([one]))).toEqual([{ what: 'runs', after: 'prod' }]);
    expect(touched(base, config([two]))).toEqual([{ what: 'runs', before: 'prod' }]);
    expect(touched(base, config([{ ...one, group: 'lab' }, two]))).toEqual([
      { what: 'moved', before: 'prod', after: 'lab' },
    ]);
    expect(touched(base, config([{ ...one, name: 'New', description: 'd', tags: ['t'] }, two]))).toEqual([]);
    const user = pipeline(1, { group: 'prod', ...uses });
    expect(touched(config([user], [variable('a')]), config([user], [variable('b')]))).toEqual([
      { what: 'runs', before: 'prod', after: 'prod' },
    ]);
  });

  test('[AP12.8] its digest is of just what differs, both sides, and of the variables that it uses', async () => {
    const digest = (before: ManifestConfig, after: ManifestConfig) =>
      digestOfChange('main', changeOf(before, after), after);
    const [one, two] = [pipeline(1), pipeline(2)];
    const changed = { ...one, enabled: false };
    const first = await digest(config([one]), config([changed]));
    expect(await digest(config([one, two]), config([changed, two]))).toBe(first);
    expect(await digest(config([{ ...one, description: 'x' }]), config([changed]))).not.toBe(first);
    expect(await digest(config([]), config([one]))).not.toBe(await digest(config([one]), config([])));
    const [was, is] = [pipeline(1, { ...uses, enabled: false }), pipeline(1, uses)];
    expect(await digest(config([was], [variable('a')]), config([is], [variable('a')]))).not.toBe(
      await digest(config([was], [variable('b')]), config([is], [variable('b')])),
    );
  });
});

test('[AP12.16] a ticket pattern cannot stop the service, and one that cannot be used is not saved', () => {
  const hostile = ['(a+)+$', '(a|aa)+$', '(a*)*b', '(.*)*x', '(a{0,20}){0,20}b'];
  const message = `${'a'.repeat(1_999)}!`;
  for (const pattern of hostile) {
    expect(patternFault(pattern)).toBeUndefined();
    const startMs = cpuMs();
    expect(namesTicket(pattern, message)).toBe(false);
    // JavaScript's own engine would go on for years.
    expect(cpuMs() - startMs).toBeLessThan(2_000);
  }
  for (const pattern of ['(', 'a(?=b)', '(a)\\1', '(a{1000}){1000}', '[\\pL\\d]{1000}'.repeat(10)])
    expect(patternFault(pattern)).toBeString();
});

test('[AP12.4] a policy that cannot be kept to is not saved: each issue has its path', () => {
  const policy: ApplyPolicy = {
    ...NO_POLICY,
    protected: [
      { group: 'prod', approvals: 1, by: { roles: [], users: [] } },
      { group: ' prod/', approvals: 2, by: ADMINS },
    ],
    ticket: { pattern: '(' },
    freezes: [
      { name: 'a', when: { kind: 'recurring', cron: '61 * * * *', minutes: 5 } },
      { name: 'b', when: { kind: 'between', from: '2026-01-02T00:00:00Z', until: '2026-01-01T00:00:00Z' } },
      { name: 'c', when: { kind: 'between', from: 'soon', until: '2026-02-30T00:00:00Z' } },
    ],
    windows: { open: [{ kind: 'recurring', cron: '0 9 * * *', timezone: 'Mars/Base', minutes: 5 }] },
  };
  expect(checkPolicy(policy).map(({ path }) => path)).toEqual([
    '/protected/1/group',
    '/protected/0/by',
    '/ticket/pattern',
    '/freezes/0/when/cron',
    '/freezes/1/when/until',
    '/freezes/2/when/from',
    '/freezes/2/when/until',
    '/windows/open/0/timezone',
  ]);
  expect(checkPolicy(PROD)).toEqual([]);
});
