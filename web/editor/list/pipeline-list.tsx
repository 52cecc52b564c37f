// The list: a grid whose cursor the keys move, of which only the rows in sight are drawn.
// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot be placed one by one, as a list of which few are drawn needs
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which row its cursor is on
import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type Ref, useCallback, useLayoutEffect, useMemo, useRef } from 'react';
import { classNames } from '../../parts/class-names.ts';
import { strings } from '../../strings/strings.ts';
import { listStep } from './list-keys.ts';
import classes from './pipeline-list.module.css';
import { PipelineRow, type RowActions, rowId } from './pipeline-row.tsx';
import { extendTo, moveBy, type Selection, toggle, toggleAll } from './selection.ts';

const text = strings.list;
const OVERSCAN = 8;
/** `--row`, of which there is nothing to measure before the first row. */
const ROW_REM = 2.25;
const rowHeight = (): number =>
  ROW_REM * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);

export function PipelineList({
  keys,
  selection,
  change,
  openKey,
  open,
  enable,
  canEdit,
  gridRef,
}: {
  keys: readonly string[];
  selection: Selection;
  change(step: (selection: Selection) => Selection): void;
  openKey: string | undefined;
  open(key: string): void;
  enable(key: string, enabled: boolean): void;
  canEdit: boolean;
  gridRef: Ref<HTMLDivElement>;
}) {
  const scroll = useRef<HTMLDivElement>(null);
  const height = useMemo(rowHeight, []);
  const virtual = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    overscan: OVERSCAN,
  });
  const { chosen, cursor } = selection;
  const reveal = useCallback(
    (key: string | undefined): void => {
      const at = key === undefined ? -1 : keys.indexOf(key);
      if (at >= 0) virtual.scrollToIndex(at, { align: 'auto' });
    },
    [keys, virtual],
  );
  // One that is opened by its address, or made a moment ago, is brought into sight.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list may change under an open one without moving
  useLayoutEffect(() => reveal(openKey), [openKey]);

  const latest = useRef({ keys, change, open, enable });
  latest.current = { keys, change, open, enable };
  const actions = useMemo<RowActions>(
    () => ({
      enable: (key, enabled) => latest.current.enable(key, enabled),
      toggle: (key) => latest.current.change((now) => toggle(now, key)),
      click(key, event) {
        const now = latest.current;
        // Keys go on from here.
        event.currentTarget.closest<HTMLElement>('[role="grid"]')?.focus({ preventScroll: true });
        if (event.shiftKey) now.change((selected) => extendTo(selected, now.keys, key));
        else if (event.metaKey || event.ctrlKey) now.change((selected) => toggle(selected, key));
        else {
          now.change((selected) => ({ ...selected, cursor: key, anchor: key }));
          now.open(key);
        }
      },
    }),
    [],
  );

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget) return;
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 1);
    const step = listStep(event, { page, count: keys.length });
    if (!step || (step.kind === 'open' && cursor === undefined)) return;
    event.preventDefault();
    if (step.kind === 'open' && cursor !== undefined) open(cursor);
    if (step.kind === 'toggle' && cursor !== undefined) change((now) => toggle(now, cursor));
    if (step.kind === 'none') change((now) => ({ ...now, chosen: new Set() }));
    if (step.kind === 'all') change((now) => toggleAll(now, keys));
    if (step.kind !== 'move') return;
    const moved = moveBy(selection, keys, step.by, step.extend);
    change(() => moved);
    reveal(moved.cursor);
  };

  // Somebody who scrolled away is told of no row that is not there; the next key brings it back into sight.
  const isCursorDrawn =
    cursor !== undefined && virtual.getVirtualItems().some(({ index }) => keys[index] === cursor);
  const isAll = keys.length > 0 && chosen.size >= keys.length;
  return (
    <div
      ref={gridRef}
      role="grid"
      tabIndex={0}
      aria-label={text.table}
      aria-rowcount={keys.length + 1}
      aria-colcount={7}
      aria-multiselectable
      aria-activedescendant={isCursorDrawn ? rowId(cursor) : undefined}
      className={classes.grid}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        if (event.target === event.currentTarget && cursor === undefined)
          change((now) => moveBy(now, keys, 1));
      }}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className={classes.head}>
          <div role="columnheader" className={classes.check}>
            <input
              type="checkbox"
              aria-label={text.selectAll}
              checked={isAll}
              ref={(box) => {
                if (box) box.indeterminate = chosen.size > 0 && !isAll;
              }}
              onChange={() => change((now) => toggleAll(now, keys))}
            />
          </div>
          {(['id', 'name', 'flow', 'when', 'state', 'enabled'] as const).map((column) => (
            <div key={column} role="columnheader" className={classNames(classes[column])}>
              {text.columns[column]}
            </div>
          ))}
        </div>
      </div>
      <div ref={scroll} role="presentation" className={classes.scroll}>
        <div role="rowgroup" className={classes.space} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const key = keys[index];
            if (key === undefined) return null;
            return (
              <PipelineRow
                key={key}
                pipelineKey={key}
                index={index}
                top={start}
                isChosen={chosen.has(key)}
                isCursor={key === cursor}
                isOpen={key === openKey}
                canEdit={canEdit}
                actions={actions}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
