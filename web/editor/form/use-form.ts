// What every field of a pipeline's form needs: what stands there, what is wrong with it, who else is in it, and how to write it.
import { commitEdit } from '@hakiri/config-doc/edit';
import type { PipelineDraft } from '@hakiri/contracts/config';
import type { PresenceCursor } from '@hakiri/contracts/presence';
import type { LoroDoc } from 'loro-crdt';
import { useCallback, useEffect, useMemo } from 'react';
import type { Person } from '../../live/people.ts';
import { useStore } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import type { FieldIssue } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { dotted, type FieldName } from './field-names.ts';
import { useSteadyGroups } from './steady-groups.ts';
import { useIssues } from './use-issues.ts';

export type Form = {
  pipelineKey: string;
  draft: PipelineDraft;
  canEdit: boolean;
  issues(field: FieldName): readonly FieldIssue[];
  /** The others whose caret is in the field. */
  others(field: FieldName): readonly Person[];
  /** The same, by field and by its dotted name: each array stays the same until something else is in it. */
  around: {
    issues: ReadonlyMap<FieldName, readonly FieldIssue[]>;
    others: ReadonlyMap<string, readonly Person[]>;
  };
  /** As one step that can be undone. */
  edit(change: (doc: LoroDoc, key: string) => boolean): void;
  focus(field: FieldName, cursor?: PresenceCursor): void;
  blur(): void;
};

const NONE: readonly never[] = [];
/** A caret that moves with every letter is told this often. */
const CURSOR_MS = 200;

export function useForm(draft: PipelineDraft): Form {
  const { connection, people, canEdit } = useWorkspace();
  const { key } = draft;
  const others = useStore(people.others);
  const mayEdit = useStore(canEdit);
  const issues = useSteadyGroups(useIssues(draft));
  const here = useSteadyGroups(
    useMemo(
      () =>
        Map.groupBy(
          others.filter(({ pipeline }) => pipeline === key),
          ({ field }) => field ?? '',
        ),
      [others, key],
    ),
  );
  const presence = useMemo(() => createTeller(people.focus, key), [people, key]);
  useEffect(() => {
    presence.blur();
    return presence.leave;
  }, [presence]);
  const edit = useCallback<Form['edit']>(
    (change) => {
      const { doc } = connection;
      if (!commitEdit(doc, 'page', () => change(doc, key))) announce(strings.form.lost);
    },
    [connection, key],
  );
  return {
    pipelineKey: key,
    draft,
    canEdit: mayEdit,
    issues: (field) => issues.get(field) ?? NONE,
    others: (field) => here.get(dotted(field)) ?? NONE,
    around: { issues, others: here },
    edit,
    focus: presence.focus,
    blur: presence.blur,
  };
}

function createTeller(tell: ReturnType<typeof useWorkspace>['people']['focus'], pipeline: string) {
  let field: string | undefined;
  let cursor: PresenceCursor | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (): void => {
    timer = undefined;
    tell({ pipeline, ...(field ? { field } : {}), ...(cursor ? { cursor } : {}) });
  };
  const settle = (next?: string, at?: PresenceCursor): void => {
    const isOther = next !== field;
    [field, cursor] = [next, at];
    if (!isOther && timer === undefined) timer = setTimeout(say, CURSOR_MS);
    if (!isOther) return;
    clearTimeout(timer);
    say();
  };
  return {
    focus: (name: FieldName, at?: PresenceCursor): void => settle(dotted(name), at),
    blur(): void {
      clearTimeout(timer);
      [field, cursor] = [undefined, undefined];
      say();
    },
    leave(): void {
      clearTimeout(timer);
      tell(undefined);
    },
  };
}
