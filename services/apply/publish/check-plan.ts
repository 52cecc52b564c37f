// From a team's revisions and the names of its files to what has to be read, and what nobody needs. Pure.
import {
  coldFile,
  INDEX_FILE,
  INDEX_PAGE,
  indexPageFile,
  type Revision,
  type RevisionIndex,
  signatureFile,
} from '@hakiri/contracts/revision';
import type { StoreFinding } from '@hakiri/contracts/store-check';
import { fullPages } from './index-file.ts';

export type KeptRevision = { revision: Revision; state: 'publishing' | 'published'; cold: boolean };

export type CheckPlan = {
  /** Published: body, and signature where there is one, have to be there and right. */
  verify: KeptRevision[];
  /** Index and pages, newest first. */
  indexFiles: string[];
  unreferenced: string[];
  foreign: string[];
};

/** Names that only apply gives. */
const OWN = /^(cold\/)?manifest(@v[0-9.]+\.toml(\.sig)?|-revisions(@[0-9]+)?\.json)$/;

/** `files` has to be listed before `kept` is read: what has a row before it has a file is then never taken for garbage. */
export function planCheck(kept: readonly KeptRevision[], files: readonly string[]): CheckPlan {
  const published = kept.filter(({ state }) => state === 'published');
  const newest = kept.at(-1)?.revision.sequence ?? 0;
  const pages = Array.from({ length: fullPages(newest) }, (_, at) => indexPageFile(fullPages(newest) - at));
  const indexFiles = published.length === 0 ? [] : [INDEX_FILE, ...pages];
  const known = new Set(newest === 0 ? [] : [INDEX_FILE, ...pages]);
  for (const { revision, cold } of kept) {
    // Of one that has moved the file beside the index is a leftover; of one that has not the copy may be on its way.
    if (!cold) known.add(revision.file);
    known.add(coldFile(revision.file));
    known.add(signatureFile(revision));
  }
  const others = files.filter((file) => !known.has(file));
  return {
    verify: published,
    indexFiles,
    unreferenced: others.filter((file) => OWN.test(file)),
    foreign: others.filter((file) => !OWN.test(file)),
  };
}

/** `read` is what lies at each of the plan's index files, undefined where there is no index. */
export function indexFindings(
  kept: readonly KeptRevision[],
  read: ReadonlyMap<string, RevisionIndex | undefined>,
): StoreFinding[] {
  const findings: StoreFinding[] = [];
  const listed = new Map<number, string>();
  for (const [file, index] of read) {
    if (index === undefined) findings.push({ kind: 'missing', file });
    for (const { sequence, digest } of index?.revisions ?? []) listed.set(sequence, digest);
  }
  for (const { revision, state } of kept) {
    const digest = listed.get(revision.sequence);
    // What should name it is missing, and was named above.
    const home = homeOf(revision.sequence, read);
    if (state !== 'published' || digest === revision.digest || home === 'missing') continue;
    findings.push({ kind: 'unlisted', file: revision.file });
  }
  return findings;
}

function homeOf(sequence: number, read: ReadonlyMap<string, RevisionIndex | undefined>): 'there' | 'missing' {
  const page = indexPageFile(Math.ceil(sequence / INDEX_PAGE));
  const file = read.has(page) ? page : INDEX_FILE;
  return read.get(file) === undefined ? 'missing' : 'there';
}
