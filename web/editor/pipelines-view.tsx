// Groups, list and form side by side, and what connects them: what is looked for, chosen, open and dragged.
import { DndContext, DragOverlay } from '@dnd-kit/core';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { Suspense, useMemo, useRef, useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { classNames } from '../parts/class-names.ts';
import { ScreenHead } from '../parts/screen.tsx';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { GroupDialog, MoveDialog, NewPipelineDialog } from './asked-for.tsx';
import { FilesMenu } from './files/files-menu.tsx';
import { noteLooked } from './first/steps-kept.ts';
import { StepsStrip } from './first/steps-strip.tsx';
import { PipelineForm } from './form/pipeline-form.tsx';
import { BulkBar } from './list/bulk-bar.tsx';
import { enableAll } from './list/list-edits.ts';
import { isEmptyQuery } from './list/list-query.ts';
import { ListToolbar } from './list/list-toolbar.tsx';
import { NoneFound } from './list/none-found.tsx';
import { PipelineList } from './list/pipeline-list.tsx';
import { moveBy, type Selection, toggle, toggleAll } from './list/selection.ts';
import { watchShown } from './list/shown-keys.ts';
import { chooseSort, sortChoice } from './list/sort-choice.ts';
import { useActions } from './list/use-actions.ts';
import { useListCommands } from './list/use-list-commands.ts';
import { useQuery } from './list/use-query.ts';
import classes from './pipelines-screen.module.css';
import type { GroupQuestion } from './tree/group-dialogs.tsx';
import { GroupTree } from './tree/group-tree.tsx';
import { moveGroupTo } from './tree/move-group.ts';
import { findGroup, TOP } from './tree/tree-rows.ts';
import { type Drag, type Drop, useDrag } from './use-drag.ts';
import { useSelection } from './use-selection.ts';

const text = strings.list;

export function PipelinesView({ openKey }: { openKey: string | undefined }) {
  const { docId, connection, pipelines, unapplied, groups, canEdit } = useWorkspace();
  const mayEdit = useStore(canEdit);
  const navigate = useNavigate();
  const sortBy = useStore(sortChoice);
  const { query, typed, type, setQuery, clear } = useQuery();
  const shownStore = useMemo(
    () => watchShown({ pipelines, unapplied }, query, sortBy),
    [pipelines, unapplied, query, sortBy],
  );
  const shown = useStore(shownStore);
  const all = useStore(pipelines.order);
  const { selection, change } = useSelection(shown);
  const actions = useActions();
  const [asked, ask] = useState<'new' | 'move' | GroupQuestion>();
  const [isTreeShown, showTree] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const grid = useRef<HTMLDivElement>(null);

  const chosen = useMemo(() => shown.filter((key) => selection.chosen.has(key)), [shown, selection.chosen]);
  /** What a command is about: the chosen ones, or the one under the cursor. */
  const targets = (): readonly string[] =>
    chosen.length > 0 ? chosen : selection.cursor === undefined ? [] : [selection.cursor];

  const open = (key: string): void => {
    noteLooked();
    void navigate({
      to: '/docs/$doc/pipelines/$key',
      params: { doc: docId, key },
      search: query,
    });
  };
  const close = (): void => {
    void navigate({ to: '/docs/$doc/pipelines', params: { doc: docId }, search: query });
    grid.current?.focus();
  };
  const selectGroup = (path: string): void => {
    const { group: _, ...rest } = query;
    setQuery(path === '' ? rest : { ...rest, group: path });
  };
  const apply = (): void =>
    void navigate({
      to: '/docs/$doc/changes',
      params: { doc: docId },
      search: { keys: targets().join(',') },
    });

  const dragged = (key: string): readonly string[] =>
    selection.chosen.has(key) && chosen.length > 0 ? chosen : [key];
  const { drag, context } = useDrag((from, to) => {
    if (from.kind === 'pipeline') actions.move(dragged(from.id), to.path);
    else dropGroup(from, to);
  });
  function dropGroup(from: Drag, to: Drop): void {
    const find = (id: string) => findGroup(groups.tree.get(), (node) => node.id === id);
    const node = find(from.id);
    const parent = to.id === TOP ? undefined : find(to.id);
    if (node && node.id !== to.id) moveGroupTo(connection.doc, node, parent, selectGroup);
  }

  const step = (by: (now: Selection) => Selection): void => {
    change(by);
    grid.current?.focus();
  };
  useListCommands({
    canEdit: mayEdit,
    targets,
    actions,
    create: () => ask('new'),
    move: () => ask('move'),
    apply,
    toSearch: () => search.current?.select(),
    own: {
      next: () => step((now) => moveBy(now, shown, 1)),
      previous: () => step((now) => moveBy(now, shown, -1)),
      open: () => selection.cursor !== undefined && open(selection.cursor),
      choose: () => step((now) => (now.cursor === undefined ? now : toggle(now, now.cursor))),
      chooseMore: () => step((now) => moveBy(now, shown, 1, true)),
      chooseAll: () => step((now) => toggleAll(now, shown)),
    },
  });

  return (
    <DndContext {...context}>
      <div
        className={classNames(
          classes.screen,
          openKey !== undefined && classes.withPane,
          isTreeShown && classes.treeShown,
        )}
      >
        <ScreenHead
          title={text.title}
          actions={
            <>
              <FilesMenu />
              {mayEdit && (
                <Button look="primary" onClick={() => ask('new')}>
                  <Plus aria-hidden />
                  {text.create.button}
                </Button>
              )}
            </>
          }
        />
        <nav className={classes.tree} aria-label={text.tree.title}>
          <GroupTree group={query.group ?? ''} select={selectGroup} ask={ask} canEdit={mayEdit} />
        </nav>
        <div className={classes.list} data-list="">
          <StepsStrip />
          <ListToolbar
            typed={typed}
            type={type}
            query={query}
            setQuery={setQuery}
            clear={clear}
            sortBy={sortBy}
            setSortBy={chooseSort}
            count={text.count(shown.length, all.length)}
            searchRef={search}
            leaveSearch={() => grid.current?.focus()}
            toggleTree={() => showTree(!isTreeShown)}
          />
          {chosen.length > 0 && (
            <BulkBar
              keys={chosen}
              actions={actions}
              canEdit={mayEdit}
              move={() => ask('move')}
              apply={apply}
              clear={() => change((now) => ({ ...now, chosen: new Set() }))}
            />
          )}
          {shown.length === 0 && !isEmptyQuery(query) ? (
            <NoneFound query={query} clear={clear} />
          ) : (
            <PipelineList
              keys={shown}
              selection={selection}
              change={change}
              openKey={openKey}
              open={open}
              enable={(key, enabled) => void enableAll(connection.doc, [key], enabled)}
              canEdit={mayEdit}
              gridRef={grid}
            />
          )}
        </div>
        {openKey !== undefined && (
          <aside className={classes.pane} aria-label={text.paneLabel(pipelines.idOf(openKey) ?? '')}>
            <PipelineForm pipelineKey={openKey} close={close} />
          </aside>
        )}
      </div>
      <DragOverlay dropAnimation={null}>
        {drag && (
          <span className={classes.dragged}>
            {drag.kind === 'pipeline'
              ? text.drag.many(dragged(drag.id).length)
              : findGroup(groups.tree.get(), ({ id }) => id === drag.id)?.name}
          </span>
        )}
      </DragOverlay>
      <Suspense>
        {asked === 'new' && (
          <NewPipelineDialog group={query.group ?? ''} created={open} close={() => ask(undefined)} />
        )}
        {asked === 'move' && (
          <MoveDialog
            count={targets().length}
            move={(path) => actions.move(targets(), path)}
            close={() => ask(undefined)}
          />
        )}
        {typeof asked === 'object' && (
          <GroupDialog question={asked} select={selectGroup} close={() => ask(undefined)} />
        )}
      </Suspense>
    </DndContext>
  );
}
