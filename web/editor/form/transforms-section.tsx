// What happens to the rows on their way, one transform after the other: moved by the handle, with the pointer or with keys.
import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { addTransform, moveTransform } from '@hakiri/config-doc/edit-transforms';
import { Plus } from 'lucide-react';
import { memo, useMemo, useRef, useState } from 'react';
import { textOf } from '../../live/text-of.ts';
import { useStore } from '../../live/use-store.ts';
import { announce } from '../../parts/announce.ts';
import { Button } from '../../parts/button.tsx';
import { Issues } from '../../parts/field.tsx';
import { Menu } from '../../parts/menu.tsx';
import { useRemovalFocus } from '../../parts/use-removal-focus.ts';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { TransformCard } from '../transforms/transform-card.tsx';
import { type Moved, removeWithWayBack, shownOrder } from '../transforms/transform-edits.ts';
import { columnsBefore, draftsOf, KINDS, type Kind } from '../transforms/transform-facts.ts';
import classes from '../transforms/transforms.module.css';
import { isSameCard } from './same-form.ts';
import { Section } from './section.tsx';
import type { Form } from './use-form.ts';

const text = strings.editor.transforms;
/** A press that moves less is a press. */
const DRAG_DISTANCE_PX = 4;
/** The same at each drawing, or every card would be drawn with it. */
const BY_POINTER = { activationConstraint: { distance: DRAG_DISTANCE_PX } };
const BY_KEYS = { coordinateGetter: sortableKeyboardCoordinates };
const Card = memo(TransformCard, isSameCard);

export function TransformsSection({ form }: { form: Form }) {
  const { connection, variables } = useWorkspace();
  const list = useStore(variables.list);
  const defined = useMemo(
    () => new Map(list.map(({ name, value }) => [textOf(name), textOf(value)])),
    [list],
  );
  const [made, setMade] = useState<string>();
  const { pipelineKey, draft, canEdit } = form;
  const drafts = draftsOf(draft.transforms);
  const sorting = useSorting(form, [...drafts.keys()]);
  const removal = useRemovalFocus<HTMLDivElement>(drafts.size);

  const add = (kind: Kind): void =>
    form.edit((doc, pipeline) => {
      const key = addTransform(doc, pipeline, { kind, body: '', inputs: [] });
      setMade(key);
      return key !== undefined;
    });
  const remove = (key: string, place: number): void => {
    const removed = removeWithWayBack(connection.doc, pipelineKey, key);
    if (removed) announce(text.removed(place), { label: text.undo, run: removed.undo });
  };
  return (
    <Section title={text.title}>
      <Issues issues={form.issues('transforms/')} />
      {drafts.size === 0 && <p className={classes.empty}>{canEdit ? text.none : text.noneReadOnly}</p>}
      <div {...removal} className={classes.all}>
        <DndContext {...sorting.context}>
          <SortableContext items={sorting.items} strategy={verticalListSortingStrategy}>
            <ol className={classes.list} data-field="transforms" tabIndex={-1}>
              {sorting.order.map((key, index) => {
                const transform = drafts.get(key);
                return (
                  transform && (
                    <Card
                      key={key}
                      form={form}
                      transform={transform}
                      index={index}
                      columns={columnsBefore(draft, index)}
                      defined={defined}
                      isNew={key === made}
                      remove={() => remove(key, index + 1)}
                    />
                  )
                );
              })}
            </ol>
          </SortableContext>
        </DndContext>
        {canEdit && (
          <div className={classes.foot}>
            <Menu
              button={
                <Button data-add="">
                  <Plus aria-hidden />
                  {text.add}
                </Button>
              }
              actions={KINDS.map((kind) => ({ label: text.kinds[kind] ?? kind, run: () => add(kind) }))}
            />
          </div>
        )}
      </div>
    </Section>
  );
}

function useSorting(form: Form, keys: readonly string[]) {
  const [moved, setMoved] = useState<Moved>();
  const hasMoved = useRef(false);
  const order = shownOrder(keys, moved);
  const shown = JSON.stringify(order);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same array for as long as the same stands in it
  const items = useMemo(() => [...order], [shown]);
  const sensors = useSensors(useSensor(PointerSensor, BY_POINTER), useSensor(KeyboardSensor, BY_KEYS));
  const onDragEnd = ({ active, over }: DragEndEvent): void => {
    const [from, to] = [order.indexOf(String(active.id)), order.indexOf(String(over?.id))];
    if (from === -1 || to === -1 || from === to) return;
    setMoved({ from: keys, to: arrayMove([...order], from, to) });
    form.edit((doc, pipeline) => moveTransform(doc, pipeline, String(active.id), to));
  };
  const placeOf = (id: unknown): number => order.indexOf(String(id)) + 1;
  const count = order.length;
  const announcements: Announcements = {
    onDragStart({ active }) {
      hasMoved.current = false;
      return text.picked(placeOf(active.id), count);
    },
    onDragOver({ active, over }) {
      // Over itself from the start: that it was picked up is the news.
      hasMoved.current ||= over?.id !== active.id;
      return over && hasMoved.current ? text.over(placeOf(over.id), count) : undefined;
    },
    onDragEnd: ({ over }) => (over ? text.dropped(placeOf(over.id), count) : text.cancelled),
    onDragCancel: () => text.cancelled,
  };
  return {
    order,
    items,
    context: {
      sensors,
      collisionDetection: closestCenter,
      onDragEnd,
      accessibility: { announcements, screenReaderInstructions: { draggable: text.moveHow } },
    },
  };
}
