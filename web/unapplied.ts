// How the document differs from what is live: asked of the server when edits have settled, while somebody looks at the page.
import type { ApplyClient } from '@hakiri/client/apply';
import type { DocumentConnection } from '@hakiri/client/sync';
import type { PipelineChange, Validation } from '@hakiri/contracts/apply';
import { issuePlace } from './issue-path.ts';

export type Unapplied =
  | { kind: 'comparing' }
  /** Nobody answers, or nobody can. */
  | { kind: 'unknown' }
  | { kind: 'same' }
  /** `warnings`: sentences that an Apply of all would come with. */
  | { kind: 'different'; pipelines: PipelineChange[]; variables: PipelineChange[]; warnings?: string[] }
  /** It cannot be applied as it is, so there is nothing to compare. `pipelines`: ids or keys. */
  | { kind: 'invalid'; pipelines: string[]; issues: number };

const SETTLE_MS = 2_000;
const RETRY_LIMIT_MS = 60_000;
const NAMED_LIMIT = 8;

export function watchUnapplied(options: {
  doc: string;
  connection: DocumentConnection;
  apply: ApplyClient;
  onChange(state: Unapplied): void;
}) {
  const { connection, onChange } = options;
  let outdated = true;
  let asking = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function askIn(delayMs: number): void {
    clearTimeout(timer);
    timer = setTimeout(() => void ask(), delayMs);
  }

  function touched(delayMs: number = SETTLE_MS): void {
    outdated = true;
    const { kind } = connection.status();
    onChange({ kind: kind === 'saved' || kind === 'saving' ? 'comparing' : 'unknown' });
    askIn(delayMs);
  }

  async function ask(): Promise<void> {
    // Each of these, when it ends, asks again.
    if (!outdated || asking || closed || document.hidden || connection.status().kind !== 'saved') return;
    asking = true;
    outdated = false;
    try {
      const body = { doc: options.doc, scope: { kind: 'all' }, version: connection.version() } as const;
      const answer = stateOf(await options.apply.validate(body));
      failures = 0;
      if (!outdated && !closed) onChange(answer);
    } catch {
      outdated = true;
      failures += 1;
      if (!closed) onChange({ kind: 'unknown' });
    } finally {
      asking = false;
      if (outdated && !closed) askIn(Math.min(SETTLE_MS * 2 ** failures, RETRY_LIMIT_MS));
    }
  }

  const unsubscribe = connection.doc.subscribe(() => touched());
  const stopStatus = connection.onStatus(({ kind }) => {
    if (kind === 'offline' || kind === 'refused') onChange({ kind: 'unknown' });
    // What others did meanwhile is not known either.
    if (kind === 'offline') outdated = true;
    if (kind === 'saved' && outdated) askIn(SETTLE_MS);
  });
  const onVisible = (): void => {
    if (!document.hidden && outdated) askIn(SETTLE_MS);
  };
  document.addEventListener('visibilitychange', onVisible);
  touched(0);

  return {
    /** Something was applied. */
    again: (): void => touched(0),
    close(): void {
      closed = true;
      clearTimeout(timer);
      unsubscribe();
      stopStatus();
      document.removeEventListener('visibilitychange', onVisible);
    },
  };
}

function stateOf({ valid, issues, unchanged, diff }: Validation): Unapplied {
  if (valid && unchanged) return { kind: 'same' };
  if (valid)
    return {
      kind: 'different',
      pipelines: diff?.pipelines ?? [],
      variables: diff?.variables ?? [],
      warnings: issues.map(({ path, message }) => `${path}: ${message}`),
    };
  const errors = issues.filter(({ severity }) => severity === 'error');
  const names = errors.flatMap(({ path }) => pipelineOf(path) ?? []);
  return { kind: 'invalid', pipelines: [...new Set(names)], issues: errors.length };
}

/** Also of an issue that has no field on the page. */
function pipelineOf(path: string): string | undefined {
  const place = issuePlace(path.split('/').slice(0, 3).join('/'));
  return place.kind === 'field' ? place.pipeline : undefined;
}

/** `short` stands beside what is live, `long` names all; '' where there is nothing to say. */
export function unappliedText(state: Unapplied): { short: string; line: string; long: string } {
  switch (state.kind) {
    case 'comparing':
      return same('Comparing with what is live…', '');
    case 'unknown':
      return same('Whether all of this is live is not known now.', '');
    case 'same':
      return same('All of this is live.', 'all of it');
    case 'invalid': {
      const what = count(state.issues, 'issue');
      const where = state.pipelines;
      return named(`Not all of this is live. ${what} to mend before Apply`, where, `${what} to mend`);
    }
    case 'different': {
      const { pipelines, variables, warnings = [] } = state;
      const counts = [
        ...(pipelines.length > 0 ? [count(pipelines.length, 'pipeline')] : []),
        ...(variables.length > 0 ? [count(variables.length, 'variable')] : []),
      ];
      if (counts.length === 0) return same('Nothing is applied yet.', '');
      const head = `${counts.join(' and ')} not applied`;
      const text = named(head, [...pipelines, ...variables].map(nameOf), head);
      if (warnings.length === 0) return text;
      return {
        ...text,
        line: `${text.line} (${count(warnings.length, 'warning')})`,
        long: [text.long, ...warnings.slice(0, NAMED_LIMIT)].join('\n'),
      };
    }
  }
}

function nameOf({ kind, id }: PipelineChange): string {
  return kind === 'removed' ? `${id} (deleted)` : id;
}

function named(head: string, names: readonly string[], short: string) {
  if (names.length === 0) return { short, line: `${head}.`, long: head };
  const shown = names.slice(0, NAMED_LIMIT).join(', ');
  const more = names.length > NAMED_LIMIT ? ` and ${names.length - NAMED_LIMIT} more` : '';
  return { short, line: `${head}: ${shown}${more}`, long: names.join(', ') };
}

function same(line: string, short: string) {
  return { short, line, long: line };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
