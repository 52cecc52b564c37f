// The tree of groups: one of them is what the list shows. All of it by keys, or by dragging.
import { FolderPlus, MoreHorizontal } from 'lucide-react';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { useStore } from '../../live/use-store.ts';
import { IconButton } from '../../parts/button.tsx';
import { Menu } from '../../parts/menu.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import type { GroupQuestion } from './group-dialogs.tsx';
import classes from './group-tree.module.css';
import { TreeItem, treeItemId } from './tree-item.tsx';
import { findGroup, TOP, treeRows, treeStep, typedAhead, withBelow } from './tree-rows.ts';

const text = strings.list.tree;
const TYPE_AHEAD_MS = 800;
/** A larger tree begins closed. */
const OPEN_LIMIT = 60;

export function GroupTree({
  group,
  select,
  ask,
  canEdit,
}: {
  /** The path that the list shows; '' is all. */
  group: string;
  select(path: string): void;
  ask(question: GroupQuestion): void;
  canEdit: boolean;
}) {
  const { groups, groupCounts } = useWorkspace();
  const { documents, may } = useSession();
  const hasOtherDocuments = useStore(documents.list).length > 1;
  const tree = useStore(groups.tree);
  const counts = useStore(groupCounts.counts);
  const [closed, setClosed] = useState<ReadonlySet<string>>(() => {
    const all = tree.flatMap(withBelow);
    return new Set(all.length > OPEN_LIMIT ? all.map(({ id }) => id) : []);
  });
  const rows = useMemo(() => treeRows(tree, closed, strings.list.all), [tree, closed]);
  const [wanted, setWanted] = useState<string>(TOP);
  // The focused one may be gone, or be in one that was closed.
  const focused = rows.some(({ id }) => id === wanted) ? wanted : TOP;
  const typed = useRef({ text: '', at: 0 });
  const selected = group === '' ? undefined : findGroup(tree, ({ path }) => path === group);

  const setOpen = (id: string, isOpen: boolean): void => {
    const next = new Set(closed);
    if (isOpen) next.delete(id);
    else next.add(id);
    setClosed(next);
  };
  const focus = (id: string): void => {
    setWanted(id);
    document.getElementById(treeItemId(id))?.focus();
  };
  const askAbout = (kind: 'rename' | 'move' | 'delete', id: string): void => {
    const node = findGroup(tree, (other) => other.id === id);
    if (node && canEdit) ask({ kind, node });
  };
  const choose = (id: string): void => {
    setWanted(id);
    select(rows.find((row) => row.id === id)?.path ?? '');
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = event.timeStamp;
    const isWord = event.key.length === 1 && event.key !== ' ';
    const before = now - typed.current.at < TYPE_AHEAD_MS ? typed.current.text : '';
    const step = before === '' || !isWord ? treeStep(rows, focused, event.key) : undefined;
    const named = isWord ? typedAhead(rows, focused, before + event.key) : undefined;
    // A group whose name begins with it is what is meant; `m` moves only where there is none.
    if (named !== undefined) {
      typed.current = { text: before + event.key, at: now };
      event.preventDefault();
      focus(named);
      return;
    }
    if (!step) return;
    event.preventDefault();
    if (step.kind === 'focus') focus(step.id);
    else if (step.kind === 'open' || step.kind === 'close') setOpen(step.id, step.kind === 'open');
    else if (step.kind === 'select') choose(step.id);
    else askAbout(step.kind, step.id);
  };

  const actions = selected && [
    { label: text.addIn(selected.name), run: () => ask({ kind: 'create', into: selected.path }) },
    { label: text.rename, aside: 'F2', run: () => ask({ kind: 'rename', node: selected }) },
    { label: text.move, aside: 'M', run: () => ask({ kind: 'move', node: selected }) },
    ...(hasOtherDocuments && may('doc.write')
      ? [{ label: text.toDocument, run: () => ask({ kind: 'to-document', node: selected }) }]
      : []),
    'separator' as const,
    { label: text.delete, isDangerous: true, run: () => ask({ kind: 'delete', node: selected }) },
  ];
  return (
    <div className={classes.tree}>
      <div className={classes.head}>
        <h2>{text.title}</h2>
        {canEdit && actions && (
          <Menu
            button={
              <IconButton label={text.actions} onClick={documents.again}>
                <MoreHorizontal aria-hidden />
              </IconButton>
            }
            actions={actions}
          />
        )}
        {canEdit && (
          <IconButton label={text.add} onClick={() => ask({ kind: 'create', into: '' })}>
            <FolderPlus aria-hidden />
          </IconButton>
        )}
      </div>
      <div role="tree" aria-label={text.label} className={classes.items} onKeyDown={onKeyDown}>
        {rows.map((row) => (
          <TreeItem
            key={row.id}
            row={row}
            count={counts.get(row.path) ?? 0}
            isSelected={row.path === group}
            isFocused={row.id === focused}
            canEdit={canEdit}
            choose={choose}
            setOpen={setOpen}
          />
        ))}
      </div>
      {canEdit && rows.length === 1 && <p className={classes.none}>{text.empty}</p>}
    </div>
  );
}
