// Dragging in this screen: pipelines, or one group, onto a group. A press without a movement stays a click.
import {
  type DragEndEvent,
  type DragStartEvent,
  MouseSensor,
  pointerWithin,
  TouchSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import { useState } from 'react';

const DISTANCE_PX = 6;
/** Before that a finger scrolls. */
const HOLD_MS = 250;

/** `id` is what was taken: a pipeline's key or a group's id. */
export type Drag = { kind: 'pipeline' | 'group'; id: string };
export type Drop = { id: string; path: string };

export function useDrag(onDrop: (drag: Drag, drop: Drop) => void) {
  const [drag, setDrag] = useState<Drag>();
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: DISTANCE_PX } }),
    useSensor(TouchSensor, { activationConstraint: { delay: HOLD_MS, tolerance: DISTANCE_PX } }),
  );
  return {
    drag,
    context: {
      sensors,
      collisionDetection: pointerWithin,
      autoScroll: false,
      onDragStart: ({ active }: DragStartEvent) => setDrag(dragOf(active)),
      onDragCancel: () => setDrag(undefined),
      onDragEnd({ active, over }: DragEndEvent) {
        setDrag(undefined);
        const [from, to] = [dragOf(active), dropOf(over?.data.current)];
        if (from && to) onDrop(from, to);
      },
    },
  };
}

function dragOf({ id, data }: DragStartEvent['active']): Drag | undefined {
  const kind: unknown = data.current?.kind;
  return kind === 'pipeline' || kind === 'group' ? { kind, id: String(id) } : undefined;
}

function dropOf(data: Record<string, unknown> | undefined): Drop | undefined {
  const { id, path } = data ?? {};
  return typeof id === 'string' && typeof path === 'string' ? { id, path } : undefined;
}
