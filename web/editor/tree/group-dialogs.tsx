// The questions about a group: its name, where it goes, and whether it goes away.
import { useCallback, useMemo, useState } from 'react';
import type { GroupNode } from '../../live/groups.ts';
import { announce } from '../../parts/announce.ts';
import { TextField } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { Question } from '../../screen/question.tsx';
import { strings } from '../../strings/strings.ts';
import { GroupField } from '../list/group-field.tsx';
import { GroupToDocumentDialog } from './group-to-document.tsx';
import { abovePath, createGroup, removeGroup, rename } from './group-writes.ts';
import { moveGroupTo } from './move-group.ts';
import { findGroup, withBelow } from './tree-rows.ts';

const text = strings.list.tree;

/** `into`: make one there. */
export type GroupQuestion =
  | { kind: 'create'; into: string }
  | { kind: 'rename' | 'move' | 'to-document' | 'delete'; node: GroupNode };

/** `select`: the path that the list is to show from now on. */
export function GroupDialog({
  question,
  select,
  close,
}: {
  question: GroupQuestion;
  select(path: string): void;
  close(): void;
}) {
  const all = { select, close };
  if (question.kind === 'create') return <NameDialog into={question.into} {...all} />;
  if (question.kind === 'rename') return <NameDialog node={question.node} {...all} />;
  if (question.kind === 'move') return <MoveGroupDialog node={question.node} {...all} />;
  if (question.kind === 'to-document') return <GroupToDocumentDialog node={question.node} {...all} />;
  return <DeleteDialog node={question.node} {...all} />;
}

type Asked = { select(path: string): void; close(): void };

function NameDialog({ node, into = '', select, close }: Asked & { node?: GroupNode; into?: string }) {
  const { connection } = useWorkspace();
  const [name, setName] = useState(node?.name ?? '');
  const submit = (): void => {
    if (name.trim() === '') return;
    const path = node ? rename(connection.doc, node, name) : createGroup(connection.doc, into, name);
    close();
    if (path !== undefined) select(path);
  };
  const title = node ? text.renameTitle(node.name) : into === '' ? text.add : text.addIn(into);
  return (
    <Question title={title} confirm={node ? text.save : text.create} submit={submit} close={close}>
      <TextField
        label={text.name}
        hint={text.nameHint}
        required
        maxLength={100}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
    </Question>
  );
}

function MoveGroupDialog({ node, select, close }: Asked & { node: GroupNode }) {
  const { connection, groups } = useWorkspace();
  const [path, setPath] = useState(abovePath(node.path));
  const [wrong, setWrong] = useState<string>();
  const inside = useMemo(() => new Set<string>(withBelow(node).map(({ id }) => id)), [node]);
  const submit = (): void => {
    const wanted = path.trim();
    const parent = findGroup(groups.tree.get(), (other) => other.path === wanted);
    if (wanted !== '' && !parent) setWrong(strings.list.move.unknown);
    else if (parent && inside.has(parent.id)) setWrong(strings.list.move.inside);
    else {
      close();
      moveGroupTo(connection.doc, node, parent, select);
    }
  };
  const isProposed = useCallback((other: GroupNode) => !inside.has(other.id), [inside]);
  return (
    <Question
      title={strings.list.move.titleGroup(node.name)}
      confirm={strings.list.move.submit}
      submit={submit}
      close={close}
    >
      <GroupField
        label={strings.list.move.label}
        hint={strings.list.move.hintGroup}
        value={path}
        setValue={setPath}
        isProposed={isProposed}
        issues={wrong === undefined ? [] : [{ severity: 'error', message: wrong }]}
      />
    </Question>
  );
}

function DeleteDialog({ node, select, close }: Asked & { node: GroupNode }) {
  const { connection, pipelines, groupCounts } = useWorkspace();
  const above = abovePath(node.path);
  const count = groupCounts.counts.get().get(node.path) ?? 0;
  const submit = (): void => {
    const isIn = (group: string | undefined): boolean =>
      group === node.path || (group ?? '').startsWith(`${node.path}/`);
    const keys = pipelines.order.get().filter((key) => isIn(pipelines.groupOf(key)));
    removeGroup(connection.doc, node, keys);
    close();
    select(above);
    announce(text.deleted(node.name));
  };
  return (
    <Question
      title={text.deleteTitle(node.name)}
      confirm={text.deleteSubmit}
      isDangerous
      submit={submit}
      close={close}
    >
      <p>{text.deleteWhat(count, withBelow(node).length - 1, above)}</p>
    </Question>
  );
}
