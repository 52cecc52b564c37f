// What is not live, as a list that stays smooth however long it is: pick what goes, look at each field, take it back.

import type { PendingChange } from '@hakiri/contracts/pending';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type FocusEvent, useMemo, useRef, useState } from 'react';
import { useCommands } from '../screen/commands.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import classes from './change-list.module.css';
import { EntryLine, FieldLine } from './change-row.tsx';
import { changeRows, nextEntry, type Root, rowKey } from './change-rows.ts';
import type { LastEditors } from './last-editors.ts';
import type { ListActions } from './list-actions.ts';
import { toggled } from './scope-choice.ts';

const text = changesWords.list;
const ROW_PX = 36;

export function ChangeList({
  pending,
  editors,
  actions,
}: {
  pending: Record<Root, readonly PendingChange[]>;
  editors: LastEditors | undefined;
  actions: ListActions;
}) {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => changeRows(pending, turned), [pending, turned]);
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => {
      const row = rows[index];
      return row ? rowKey(row) : index;
    },
    overscan: 8,
  });
  const focused = useRef<string>(undefined);
  const isIn = useRef(false);
  const indexOfFocused = (): number | undefined => {
    const index = rows.findIndex((row) => row.kind === 'entry' && row.change.key === focused.current);
    return index === -1 ? undefined : index;
  };
  const focusRow = (index: number | undefined): void => {
    const row = index === undefined ? undefined : rows[index];
    if (index === undefined || !row) return;
    focused.current = row.change.key;
    virtual.scrollToIndex(index);
    // It may have to be drawn first.
    requestAnimationFrame(() =>
      scroller.current?.querySelector<HTMLElement>(`[data-entry="${CSS.escape(row.change.key)}"]`)?.focus(),
    );
  };
  /** The row that has the focus, or had it when the palette was opened: of another one nothing is meant. */
  const isRow = (target: EventTarget | null): boolean =>
    target instanceof Element &&
    scroller.current?.contains(target) === true &&
    target.closest('[data-entry]') !== null;
  const onBlur = ({ relatedTarget }: FocusEvent): void => {
    const isPalette = relatedTarget instanceof Element && relatedTarget.closest('[role="dialog"]') !== null;
    isIn.current = isRow(relatedTarget) || isPalette;
  };
  const move = (step: 1 | -1) => () => focusRow(nextEntry(rows, indexOfFocused(), step));
  const onFocused = (run: (row: (typeof rows)[number]) => unknown) => () => {
    const index = indexOfFocused();
    const row = index === undefined ? undefined : rows[index];
    if (row && isIn.current) return run(row);
  };
  const { discard } = actions;
  useCommands([
    { id: 'changes.next', label: text.next, keys: 'j', run: move(1) },
    { id: 'changes.previous', label: text.previous, keys: 'k', run: move(-1) },
    ...(discard
      ? [
          {
            id: 'changes.discard',
            label: text.discardFocused,
            keys: 'd',
            isFor: isRow,
            run: onFocused(({ root, change }) => discard({ root, change })),
          },
        ]
      : []),
    ...(actions.canPick
      ? [
          {
            id: 'changes.pick',
            label: text.pickFocused,
            keys: 'x',
            isFor: isRow,
            run: onFocused(({ root, change }) => root === 'pipelines' && actions.pick(change.key)),
          },
        ]
      : []),
  ]);
  return (
    <div ref={scroller} className={classes.scroller}>
      <ul aria-label={text.title} className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, key, start }) => {
          const row = rows[index];
          if (!row) return null;
          const props = { editors, actions };
          return (
            <li
              key={key}
              ref={virtual.measureElement}
              data-index={index}
              className={classes.place}
              style={{ transform: `translateY(${start}px)` }}
            >
              {row.kind === 'entry' ? (
                <EntryLine
                  row={row}
                  {...props}
                  onFocus={() => {
                    focused.current = row.change.key;
                    isIn.current = true;
                  }}
                  onBlur={onBlur}
                  toggle={() => setTurned(toggled(turned, row.change.key))}
                  step={(by) => focusRow(nextEntry(rows, index, by))}
                />
              ) : (
                <FieldLine row={row} {...props} />
              )}
            </li>
          );
        })}
      </ul>
    </div>
  );
}
