// Groups, list and form side by side, and what connects them: what is looked for, chosen, open and dragged. A letter in the search
// draws the list again and none of the others, so what they are given to do stays the same.
import { DndContext } from '@dnd-kit/core';
import { memo, useMemo, useRef, useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { classNames } from '../parts/class-names.ts';
import { useStableCallback } from '../parts/use-stable-callback.ts';
import { useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { type Asked, AskedDialogs } from './asked-dialogs.tsx';
import { StepsStrip } from './first/steps-strip.tsx';
import { BulkBar } from './list/bulk-bar.tsx';
import { enableAll } from './list/list-edits.ts';
import { isEmptyQuery } from './list/list-query.ts';
import { ListToolbar } from './list/list-toolbar.tsx';
import { NoneFound } from './list/none-found.tsx';
import { PipelineList } from './list/pipeline-list.tsx';
import { moveBy, type Selection, toggle, toggleAll } from './list/selection.ts';
import { watchShown } from './list/shown-keys.ts';
import { sortChoice } from './list/sort-choice.ts';
import { useActions } from './list/use-actions.ts';
import { useListCommands } from './list/use-list-commands.ts';
import { useQuery } from './list/use-query.ts';
import { FormPane, PipelinesHead } from './pipelines-head.tsx';
import classes from './pipelines-screen.module.css';
import { GroupTree } from './tree/group-tree.tsx';
import { useMoving } from './use-moving.tsx';
import { useSelection } from './use-selection.ts';
import { useWays } from './use-ways.ts';

const text = strings.list;
/** More than these are not deleted by one key. */
const ASK_FROM = 10;
const Groups = memo(GroupTree);
const Steps = memo(StepsStrip);

export function PipelinesView({ openKey }: { openKey: string | undefined }) {
  const { connection, pipelines, unapplied, canEdit } = useWorkspace();
  const mayEdit = useStore(canEdit);
  const sortBy = useStore(sortChoice);
  const { query, selectGroup, ...looking } = useQuery();
  const shownStore = useMemo(
    () => watchShown({ pipelines, unapplied }, query, sortBy),
    [pipelines, unapplied, query, sortBy],
  );
  const shown = useStore(shownStore);
  const all = useStore(pipelines.order);
  const { selection, change } = useSelection(shown);
  const actions = useActions();
  const ways = useWays(query);
  const { open } = ways;
  const [asked, ask] = useState<Asked>();
  const [isTreeShown, showTree] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const grid = useRef<HTMLDivElement>(null);

  const chosen = useMemo(() => shown.filter((key) => selection.chosen.has(key)), [shown, selection.chosen]);
  /** What a command is about: the chosen ones, or the one under the cursor. */
  const targets = (): readonly string[] =>
    chosen.length > 0 ? chosen : selection.cursor === undefined ? [] : [selection.cursor];
  const toList = useStableCallback((): void => grid.current?.focus());
  const close = useStableCallback((): void => {
    ways.close();
    toList();
  });
  const create = useStableCallback(() => ask('new'));
  const toggleTree = useStableCallback(() => showTree(!isTreeShown));
  const apply = (): void => ways.apply(targets());
  const remove = (): void => (targets().length > ASK_FROM ? ask('remove') : actions.remove(targets()));
  const { context, overlay } = useMoving({
    dragged: (key) => (selection.chosen.has(key) && chosen.length > 0 ? chosen : [key]),
    move: actions.move,
    selectGroup,
  });

  const step = (by: (now: Selection) => Selection): void => {
    change(by);
    toList();
  };
  useListCommands({
    canEdit: mayEdit,
    targets,
    actions,
    create,
    move: () => ask('move'),
    remove,
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
        <PipelinesHead mayEdit={mayEdit} create={create} />
        <nav className={classes.tree} aria-label={text.tree.title}>
          <Groups group={query.group ?? ''} select={selectGroup} ask={ask} canEdit={mayEdit} />
        </nav>
        <div className={classes.list} data-list="">
          <Steps />
          <ListToolbar
            {...looking}
            isEmpty={isEmptyQuery(query)}
            count={text.count(shown.length, all.length)}
            searchRef={search}
            leaveSearch={toList}
            toggleTree={toggleTree}
          />
          {chosen.length > 0 && (
            <BulkBar
              keys={chosen}
              actions={actions}
              canEdit={mayEdit}
              move={() => ask('move')}
              remove={remove}
              apply={apply}
              clear={() => change((now) => ({ ...now, chosen: new Set() }))}
            />
          )}
          {shown.length === 0 && !isEmptyQuery(query) ? (
            <NoneFound query={query} clear={looking.clear} />
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
        {openKey !== undefined && <FormPane pipelineKey={openKey} close={close} />}
      </div>
      {overlay}
      <AskedDialogs
        asked={asked}
        close={() => ask(undefined)}
        group={query.group ?? ''}
        selectGroup={selectGroup}
        created={open}
        count={targets().length}
        move={(path) => actions.move(targets(), path)}
        remove={() => actions.remove(targets())}
      />
    </DndContext>
  );
}
