// The whole table of states and inputs: an input that is forgotten does not compile.
import { describe, expect, test } from 'bun:test';
import type { ConfigIssue } from '@hakiri/contracts/config';
import { problem } from '@hakiri/contracts/problem';
import { decide, type Effect, type Finding, type Input, type RequestState } from './apply-machine.ts';
import { backoffMs, type Patience } from './patience.ts';

const PATIENCE: Patience = { retryFirstMs: 100, retryLimitMs: 1_000, giveUpAfterMs: 60_000 };
const ISSUE: ConfigIssue = {
  path: '/pipelines/a/id',
  code: 'id.invalid',
  message: 'Mend it.',
  severity: 'error',
};

const STATES = {
  requested: { kind: 'requested', createdAtMs: 0 },
  awaiting_approval: { kind: 'awaiting_approval', expiresAtMs: 50 },
  scheduled: { kind: 'scheduled', dueAtMs: 50 },
  publishing: { kind: 'publishing', revision: 7 },
  published: { kind: 'published', revision: 7, unchanged: false },
  refused: { kind: 'refused', problem: problem('invalid_config', 'no') },
} satisfies { [Kind in RequestState['kind']]: Extract<RequestState, { kind: Kind }> };

const FINDINGS = {
  same: { kind: 'same', revision: 6 },
  valid: { kind: 'valid', revision: 7 },
  moved: { kind: 'moved', pipelines: ['a'] },
  version_unknown: { kind: 'version_unknown' },
  no_document: { kind: 'no_document' },
  too_large: { kind: 'too_large', limitBytes: 9 },
  unreadable: { kind: 'unreadable', toldBytes: 1, cameChars: 9 },
  invalid: { kind: 'invalid', issues: [ISSUE] },
  held: { kind: 'held', expiresAtMs: 50 },
  early: { kind: 'early', dueAtMs: 50 },
  forbidden: { kind: 'forbidden', problem: problem('frozen', 'no') },
  away: { kind: 'away', who: 'sync', attempt: 1 },
  failed: { kind: 'failed', attempt: 2 },
} satisfies { [Kind in Finding['kind']]: Extract<Finding, { kind: Kind }> };

const INPUTS = {
  ...FINDINGS,
  delivered: { kind: 'delivered' },
  woken: { kind: 'woken' },
  approved: { kind: 'approved' },
  reconsidered: { kind: 'reconsidered', finding: FINDINGS.valid },
  stopped: { kind: 'stopped', problem: problem('apply_cancelled', 'no') },
  unwritten: { kind: 'unwritten', attempt: 2 },
  stored: { kind: 'stored' },
} satisfies { [Kind in Input['kind']]: Extract<Input, { kind: Kind }> };

type Expected = { [Kind in Input['kind']]: [RequestState['kind'], Effect['kind']] };
const settled = (kind: RequestState['kind']): Expected => {
  const stays: [RequestState['kind'], Effect['kind']] = [kind, 'settle'];
  return {
    delivered: stays,
    same: stays,
    valid: stays,
    moved: stays,
    version_unknown: stays,
    no_document: stays,
    too_large: stays,
    unreadable: stays,
    invalid: stays,
    held: stays,
    early: stays,
    forbidden: stays,
    woken: stays,
    approved: stays,
    reconsidered: stays,
    stopped: stays,
    away: stays,
    failed: stays,
    unwritten: stays,
    stored: stays,
  };
};

const TABLE: { [Kind in RequestState['kind']]: Expected } = {
  requested: {
    delivered: ['requested', 'prepare'],
    same: ['published', 'finish'],
    valid: ['publishing', 'commit'],
    moved: ['refused', 'finish'],
    version_unknown: ['refused', 'finish'],
    no_document: ['refused', 'finish'],
    too_large: ['refused', 'finish'],
    unreadable: ['refused', 'finish'],
    invalid: ['refused', 'finish'],
    held: ['awaiting_approval', 'wait'],
    early: ['scheduled', 'wait'],
    forbidden: ['refused', 'finish'],
    woken: ['requested', 'prepare'],
    approved: ['requested', 'prepare'],
    reconsidered: ['requested', 'prepare'],
    stopped: ['refused', 'finish'],
    away: ['requested', 'retry'],
    failed: ['requested', 'retry'],
    unwritten: ['requested', 'retry'],
    stored: ['requested', 'prepare'],
  },
  awaiting_approval: {
    ...settled('awaiting_approval'),
    approved: ['requested', 'resume'],
    reconsidered: ['requested', 'resume'],
    stopped: ['refused', 'finish'],
  },
  scheduled: {
    ...settled('scheduled'),
    reconsidered: ['requested', 'resume'],
    stopped: ['refused', 'finish'],
  },
  publishing: {
    delivered: ['publishing', 'publish'],
    same: ['publishing', 'publish'],
    valid: ['publishing', 'publish'],
    moved: ['publishing', 'publish'],
    version_unknown: ['publishing', 'publish'],
    no_document: ['publishing', 'publish'],
    too_large: ['publishing', 'publish'],
    unreadable: ['publishing', 'publish'],
    invalid: ['publishing', 'publish'],
    held: ['publishing', 'publish'],
    early: ['publishing', 'publish'],
    forbidden: ['publishing', 'publish'],
    woken: ['publishing', 'publish'],
    approved: ['publishing', 'publish'],
    reconsidered: ['publishing', 'publish'],
    stopped: ['publishing', 'publish'],
    away: ['publishing', 'retry'],
    failed: ['publishing', 'retry'],
    unwritten: ['publishing', 'retry'],
    stored: ['published', 'finish'],
  },
  published: settled('published'),
  refused: settled('refused'),
};

describe('decide', () => {
  for (const [kind, state] of Object.entries(STATES))
    for (const [name, input] of Object.entries(INPUTS))
      test(`[AP3.1] ${kind}, ${name}`, () => {
        const decision = decide(state, input, 0, PATIENCE);
        const expected = TABLE[state.kind][input.kind];
        expect<[string, string]>([decision.state.kind, decision.effect.kind]).toEqual(expected);
      });

  test('[AP3.1] ends never change, however late an input comes', () => {
    for (const state of [STATES.published, STATES.refused])
      for (const input of Object.values(INPUTS))
        expect(decide(state, input, 1e15, PATIENCE).state).toEqual(state);
  });

  test('[AP4.6] what cannot be prepared is tried again, later each time, and refused when it is too old', () => {
    const at = (nowMs: number, input: Input) => decide(STATES.requested, input, nowMs, PATIENCE);
    expect(at(59_999, { kind: 'away', who: 'sync', attempt: 3 })).toEqual({
      state: STATES.requested,
      effect: { kind: 'retry', delayMs: 400 },
    });
    expect(at(60_000, INPUTS.away).state).toMatchObject({
      kind: 'refused',
      problem: { code: 'unavailable', final: true, detail: expect.stringContaining('a new idempotency key') },
    });
    expect(at(60_000, INPUTS.failed).state).toMatchObject({ kind: 'refused', problem: { code: 'internal' } });
  });

  test('[AP4.12] an end that could not be written is tried again later, however old the request is', () => {
    const { state, effect } = decide(STATES.requested, INPUTS.unwritten, 1e15, PATIENCE);
    expect(state).toEqual(STATES.requested);
    expect(effect).toEqual({ kind: 'retry', delayMs: 200 });
  });

  test('[AP3.2] a number once given is never given up, however long the blob store is away', () => {
    const { state, effect } = decide(STATES.publishing, INPUTS.away, 1e15, PATIENCE);
    expect(state).toEqual(STATES.publishing);
    expect(effect).toEqual({ kind: 'retry', delayMs: 100 });
  });

  test('[AP12.9, AP12.10] a wait ends when its time has come, not before', () => {
    const after = (state: RequestState, nowMs: number) => decide(state, INPUTS.woken, nowMs, PATIENCE);
    expect(after(STATES.scheduled, 49)).toEqual({ state: STATES.scheduled, effect: { kind: 'settle' } });
    // What it may cost anew is counted from then.
    expect(after(STATES.scheduled, 50)).toEqual({
      state: { kind: 'requested', createdAtMs: 50 },
      effect: { kind: 'resume' },
    });
    expect(after(STATES.awaiting_approval, 49).effect).toEqual({ kind: 'settle' });
    expect(after(STATES.awaiting_approval, 50)).toMatchObject({
      state: { kind: 'refused', problem: { code: 'approval_expired' } },
      effect: { kind: 'finish' },
    });
  });

  test('[AP12.21] what is looked at anew while it waits goes, waits otherwise or is refused; what else is in its way leaves its wait as it is', () => {
    const { same, valid, held, early, forbidden, ...others } = FINDINGS;
    for (const state of [STATES.awaiting_approval, STATES.scheduled]) {
      const found = (finding: Finding) => {
        const decision = decide(state, { kind: 'reconsidered', finding }, 7, PATIENCE);
        return [decision.state, decision.effect.kind];
      };
      for (const finding of [same, valid])
        expect(found(finding)).toEqual([{ kind: 'requested', createdAtMs: 7 }, 'resume']);
      expect(found(held)).toEqual([{ kind: 'awaiting_approval', expiresAtMs: 50 }, 'wait']);
      expect(found(early)).toEqual([{ kind: 'scheduled', dueAtMs: 50 }, 'wait']);
      expect(found(forbidden)).toEqual([{ kind: 'refused', problem: forbidden.problem }, 'finish']);
      for (const finding of Object.values(others)) expect(found(finding)).toEqual([state, 'settle']);
    }
  });

  test('[AP2.2] a refusal carries the code, every issue, and a sentence that says what to do', () => {
    const codes = (['moved', 'version_unknown', 'no_document', 'too_large', 'invalid'] as const).map(
      (name) => {
        const { state } = decide(STATES.requested, INPUTS[name], 0, PATIENCE);
        return state.kind === 'refused' ? [state.problem.code, state.problem.issues ?? []] : [];
      },
    );
    expect(codes).toEqual([
      ['document_moved', []],
      ['version_unknown', []],
      ['not_found', []],
      ['too_large', []],
      ['invalid_config', [ISSUE]],
    ]);
  });

  test('[AP4.6] backoff doubles up to its limit', () => {
    expect([1, 2, 3, 4, 5, 1_000].map((attempt) => backoffMs(attempt, PATIENCE))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });
});
