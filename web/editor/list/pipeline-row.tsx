// One pipeline in the list. It is drawn again when it changes, when its marks do, or when somebody comes into it, and else never.
// biome-ignore-all lint/a11y/useSemanticElements: rows of a table cannot be placed one by one, as a list of which few are drawn needs
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus, and says which row its cursor is on
import { useDraggable } from '@dnd-kit/core';
import { isRecord } from '@hakiri/base/json';
import type { PipelineDraft } from '@hakiri/contracts/config';
import { CircleAlert, CircleDot, TriangleAlert } from 'lucide-react';
import { type MouseEvent, memo } from 'react';
import type { Mark } from '../../live/marks.ts';
import type { PipelineHead } from '../../live/pipelines.ts';
import { textOf } from '../../live/text-of.ts';
import { useStore, useTopic } from '../../live/use-store.ts';
import { classNames } from '../../parts/class-names.ts';
import { Badge } from '../../parts/panel.tsx';
import { AvatarStack } from '../../parts/person.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import classes from './pipeline-list.module.css';
import { scheduleSayer } from './schedule-sayer.ts';

const text = strings.list;

export type RowActions = {
  /** Also of the button in it. */
  click(key: string, event: MouseEvent): void;
  toggle(key: string): void;
  enable(key: string, enabled: boolean): void;
};

export const rowId = (key: string): string => `row-${key}`;

export const PipelineRow = memo(function PipelineRow({
  pipelineKey: key,
  index,
  top,
  isChosen,
  isCursor,
  isOpen,
  canEdit,
  actions,
}: {
  pipelineKey: string;
  /** Among those that are shown. */
  index: number;
  /** In px. */
  top: number;
  isChosen: boolean;
  isCursor: boolean;
  isOpen: boolean;
  canEdit: boolean;
  actions: RowActions;
}) {
  const { pipelines, unapplied, people } = useWorkspace();
  const head = useTopic(pipelines.subscribe, key, pipelines.head);
  const draft = useTopic(pipelines.subscribe, key, pipelines.draft);
  const mark = useTopic(unapplied.subscribe, key, unapplied.mark);
  const sayWhen = useStore(scheduleSayer);
  const here = useTopic(people.subscribe, key, people.inPipeline);
  const { setNodeRef, listeners, isDragging } = useDraggable({
    id: key,
    data: { kind: 'pipeline' },
    disabled: !canEdit,
  });
  if (!head || !draft) return null;
  const id = head.id === '' ? text.noId : head.id;
  const [from, into] = flowOf(draft);
  const when = sayWhen(draft.schedule);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid handles keys for the row that its cursor is on
    <div
      ref={setNodeRef}
      {...listeners}
      id={rowId(key)}
      role="row"
      tabIndex={-1}
      // The header is the first.
      aria-rowindex={index + 2}
      aria-selected={isChosen}
      aria-current={isOpen || undefined}
      className={classNames(
        classes.row,
        isChosen && classes.chosen,
        isCursor && classes.cursor,
        isOpen && classes.open,
        isDragging && classes.dragged,
        !head.enabled && classes.off,
      )}
      style={{ transform: `translateY(${top}px)` }}
      onClick={(event) => actions.click(key, event)}
    >
      <div role="gridcell" className={classes.check}>
        <input
          type="checkbox"
          tabIndex={-1}
          aria-label={text.select(id)}
          checked={isChosen}
          onClick={(event) => event.stopPropagation()}
          onChange={() => actions.toggle(key)}
        />
      </div>
      <div role="gridcell" className={classes.id}>
        <button type="button" tabIndex={-1} className={classes.opener}>
          {id}
        </button>
      </div>
      <div role="gridcell" className={classes.name} title={head.name}>
        {head.name === head.id ? '' : head.name}
      </div>
      <div role="gridcell" className={classes.flow} title={`${from}${into}`}>
        <span className={classes.from}>{from}</span>
        <span className={classes.into}>{into}</span>
      </div>
      <div role="gridcell" className={classes.when} title={when}>
        {when}
      </div>
      <div role="gridcell" className={classes.state}>
        {here.length > 0 && <AvatarStack people={here} isSmall />}
        <Marks mark={mark} />
      </div>
      <div role="gridcell" className={classes.enabled}>
        <Switch head={head} id={id} canEdit={canEdit} enable={actions.enable} />
      </div>
    </div>
  );
});

function Switch({
  head,
  id,
  canEdit,
  enable,
}: {
  head: PipelineHead;
  id: string;
  canEdit: boolean;
  enable: RowActions['enable'];
}) {
  return (
    <input
      type="checkbox"
      role="switch"
      tabIndex={-1}
      className={classes.switch}
      aria-label={text.enabledLabel(id)}
      checked={head.enabled}
      aria-checked={head.enabled}
      disabled={!canEdit}
      onClick={(event) => event.stopPropagation()}
      onChange={({ target }) => enable(head.key, target.checked)}
    />
  );
}

function Marks({ mark }: { mark: Mark | undefined }) {
  if (!mark) return null;
  return (
    <>
      {mark.errors > 0 && (
        <Badge tone="bad" title={text.marks.errors(mark.errors)}>
          <CircleAlert aria-hidden />
          <span aria-hidden>{mark.errors}</span>
          <span className="visually-hidden">{text.marks.errors(mark.errors)}</span>
        </Badge>
      )}
      {mark.errors === 0 && mark.warnings > 0 && (
        <Badge tone="warn" title={text.marks.warnings(mark.warnings)}>
          <TriangleAlert aria-hidden />
          <span aria-hidden>{mark.warnings}</span>
          <span className="visually-hidden">{text.marks.warnings(mark.warnings)}</span>
        </Badge>
      )}
      {mark.change && (
        <Badge tone="info" title={text.marks[mark.change]}>
          <CircleDot aria-hidden />
          <span className={classes.word}>{text.marks[mark.change]}</span>
        </Badge>
      )}
    </>
  );
}

function flowOf({ source, destination }: PipelineDraft): [string, string] {
  const [from, to] = [
    isRecord(source) ? textOf(source.ref) : '',
    isRecord(destination) ? textOf(destination.table) : '',
  ];
  return [from, ` → ${to}`];
}
