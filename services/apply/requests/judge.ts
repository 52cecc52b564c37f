// What would become of a request if it went now: whether its author may, what it would publish, and what the team's policy says.
import type { ApplyBody } from '@hakiri/contracts/apply';
import type { ManifestConfig } from '@hakiri/contracts/config';
import type { Revision } from '@hakiri/contracts/revision';
import type { Gate } from '../policy/gate.ts';
import type { RequestRow } from '../store/store-rows.ts';
import type { Finding } from './apply-machine.ts';
import type { Authors } from './authors.ts';
import type { PrepareRequest } from './fresh.ts';
import type { Prepared } from './prepare.ts';

/** What was prepared and is not committed yet. */
export type Candidate = {
  last: Revision | undefined;
  /** Of `last`, where it was read. */
  before: ManifestConfig | undefined;
  outcome: Exclude<Prepared, { kind: 'invalid' }>;
  /** With the version that was read. */
  body: ApplyBody;
  /** The version of the policy that was asked; undefined where none was. */
  policy?: number | undefined;
  awaiting?: RequestRow['awaiting'] | undefined;
  granted?: RequestRow['granted'] | undefined;
};

/** `last` is the newest revision. @throws BusError when somebody who is needed does not answer */
export type Judge = (
  row: RequestRow,
  last: Revision | undefined,
  attempt: number,
) => Promise<[Finding, Candidate?]>;

export function createJudge(deps: {
  prepare: PrepareRequest;
  authors: Pick<Authors, 'check'>;
  gate: Pick<Gate, 'pass'>;
}): Judge {
  return async (row, last, attempt) => {
    const author = await deps.authors.check(row);
    if (author.kind === 'away') return [{ kind: 'away', who: 'auth', attempt }];
    if (author.kind === 'may_not') return [{ kind: 'forbidden', problem: author.problem }];
    const { body, preparation } = await deps.prepare(row, last);
    if (preparation.kind === 'away') return [{ kind: 'away', who: 'sync', attempt }];
    if (preparation.kind !== 'prepared') return [preparation];
    const { outcome } = preparation;
    if (outcome.kind === 'invalid') return [outcome];
    const before = preparation.last?.config;
    const gated = await deps.gate.pass(author.row, { before, after: outcome.config, kind: outcome.kind });
    if (gated.kind === 'away') return [{ kind: 'away', who: 'auth', attempt }];
    const candidate: Candidate = { last, before, outcome, body, policy: gated.policy };
    if (gated.kind === 'stop') return [gated.input, { ...candidate, awaiting: gated.awaiting }];
    const sequence = last?.sequence ?? 0;
    return outcome.kind === 'same'
      ? [
          { kind: 'same', revision: sequence },
          { ...candidate, granted: gated.granted },
        ]
      : [
          { kind: 'valid', revision: sequence + 1 },
          { ...candidate, granted: gated.granted },
        ];
  };
}
