// What of an answer its reader may see. Whoever may read no document and no manifest as a whole, as with a token that was narrowed,
// is told of the pipelines that their scope names and of nothing else: no other entry, no variable, no name of either in a sentence.
import type { ApplyStatus, ManifestDiff, PipelineChange, Validation } from '@hakiri/contracts/apply';
import type { DryRun, RequestView } from '@hakiri/contracts/approval';
import type { ConfigIssue, ManifestConfig } from '@hakiri/contracts/config';
import type { Problem } from '@hakiri/contracts/problem';
import type { Revision } from '@hakiri/contracts/revision';
import type { Scope } from '@hakiri/contracts/scope';
import { pointer } from '@hakiri/manifest/issue';
import { renderManifest } from '@hakiri/manifest/render';
import { bearerToken } from '@hakiri/service/bearer';
import type { Guard } from '@hakiri/service/guard';

/** Human ids, or everything. */
export type Reach = 'whole' | ReadonlySet<string>;

/** `scope`: what this caller was allowed to act on, where that was asked. */
export async function reachOf(guard: Guard, request: Request, scope?: Scope): Promise<Reach> {
  for (const action of ['manifest.read', 'doc.read'] as const)
    if ((await guard.authorize(bearerToken(request), { action })).kind === 'allowed') return 'whole';
  return new Set(scope?.kind === 'pipelines' ? scope.pipelines : []);
}

/** Their sentences and suggestions speak of that one pipeline alone. */
const LOCAL_CODES =
  /^(?:(?:description|destination|enabled|name|schema|secret|source|tags)\..*|(?:group|placement)\.invalid|placement\.target_missing|(?:id|key)\.(?:invalid|missing)|schedule\.(?:(?:cron|every)_.*|event_invalid|invalid|kind_unknown|missing|timezone_unknown)|transforms\.(?:body_empty|invalid|select_empty))$/;
const WITHHELD =
  'It concerns entries that this token may not read: ask somebody who may read the manifest, or use a wider token.';
const MOVED =
  'Something in your scope changed after the version you named. Look at it again and apply the version you see now.';

export function tomlWithin(reach: ReadonlySet<string>, { pipelines }: ManifestConfig): string {
  return renderManifest({ pipelines: pipelines.filter(({ id }) => reach.has(id)), variables: [] });
}

export function dryRunWithin(reach: Reach, dryRun: DryRun): DryRun {
  if (reach === 'whole') return dryRun;
  const { diff, warnings, policy } = dryRun;
  return {
    ...dryRun,
    partial: true,
    diff: diffWithin(reach, diff),
    warnings: issuesWithin(reach, warnings),
    policy: policy.kind === 'refused' ? { ...policy, problem: problemWithin(reach, policy.problem) } : policy,
  };
}

export function validationWithin(reach: Reach, validation: Validation): Validation {
  if (reach === 'whole') return validation;
  const { diff, issues, upcoming } = validation;
  return {
    ...validation,
    partial: true,
    issues: issuesWithin(reach, issues),
    ...(diff ? { diff: diffWithin(reach, diff) } : {}),
    ...(upcoming ? { upcoming: upcoming.filter(({ pipeline }) => reach.has(pipeline)) } : {}),
  };
}

/** `isAuthor`: of the request. */
export function statusWithin<Status extends ApplyStatus>(
  reach: Reach,
  isAuthor: boolean,
  status: Status,
): Status {
  if (reach === 'whole') return status;
  const { revision: whole, warnings, problem, unchanged = false } = status;
  const revision = whole && revisionWithin(reach, isAuthor && !unchanged, whole);
  return {
    ...status,
    revision,
    ...(warnings ? { warnings: issuesWithin(reach, warnings) } : {}),
    ...(problem ? { problem: problemWithin(reach, problem) } : {}),
  };
}

/** Its proposal is for those alone who read the document. */
export function viewWithin(reach: Reach, isAuthor: boolean, view: RequestView): RequestView {
  if (reach === 'whole') return view;
  const { proposal: _, ...rest } = view;
  return statusWithin(reach, isAuthor, rest);
}

export function problemWithin(reach: Reach, problem: Problem): Problem {
  if (reach === 'whole') return problem;
  const { issues } = problem;
  return {
    ...problem,
    ...(problem.code === 'document_moved' ? { detail: MOVED } : {}),
    ...(issues ? { issues: issuesWithin(reach, issues) } : {}),
  };
}

/** What nothing differs from may be somebody else's, of another scope, with words of their own. */
function revisionWithin(
  reach: ReadonlySet<string>,
  isOwn: boolean,
  { changedMore: _, ...revision }: Revision,
): Revision | undefined {
  const changed = revision.changed.filter((id) => reach.has(id));
  if (isOwn) return { ...revision, changed };
  if (reach.size === 0) return undefined;
  return { ...revision, changed, message: '', scope: { kind: 'pipelines', pipelines: [...reach] } };
}

function diffWithin(reach: ReadonlySet<string>, diff: ManifestDiff): ManifestDiff {
  return { ...diff, pipelines: diff.pipelines.filter((change) => isWithin(reach, change)), variables: [] };
}

/** Under the id that it had, too: what it was then may have been out of reach. */
function isWithin(reach: ReadonlySet<string>, change: PipelineChange): boolean {
  if (!reach.has(change.id)) return false;
  const renamed = change.kind === 'changed' ? change.fields.find(({ path }) => path === '/id') : undefined;
  return renamed === undefined || (typeof renamed.before === 'string' && reach.has(renamed.before));
}

/** Each error stays, as it refuses the Apply, but says no more than may be read. */
function issuesWithin(reach: ReadonlySet<string>, issues: readonly ConfigIssue[]): ConfigIssue[] {
  const own = [...reach].map((id) => pointer('pipelines', id));
  const seen = new Set<string>();
  return issues.flatMap((issue) => {
    const { path, code, severity } = issue;
    const isOwn = own.some((place) => path === place || path.startsWith(`${place}/`));
    if (isOwn && LOCAL_CODES.test(code)) return [issue];
    if (!isOwn && severity === 'warning') return [];
    const place = isOwn || path.startsWith('/scope') ? path : '';
    const once = `${code} ${place}`;
    if (seen.has(once)) return [];
    seen.add(once);
    return [{ path: place, code, severity, message: WITHHELD }];
  });
}
