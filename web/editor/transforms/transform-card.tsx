// One transform: what it is, what it reads, its body, and the handle by which it is moved.
import { useSortable } from '@dnd-kit/sortable';
import { setTransform } from '@hakiri/config-doc/edit-transforms';
import type { TransformDraft } from '@hakiri/config-doc/read';
import { GripVertical, X } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { colourOf } from '../../live/people.ts';
import { textOf } from '../../live/text-of.ts';
import { announce } from '../../parts/announce.ts';
import button from '../../parts/button.module.css';
import { IconButton } from '../../parts/button.tsx';
import { classNames } from '../../parts/class-names.ts';
import { Issues, SelectField } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { FieldPeople } from '../../together/field-people.tsx';
import { bodyText } from '../code/body-text.ts';
import { CodeField } from '../code/code-field.tsx';
import type { Defined } from '../code/code-variables.ts';
import { languageOf } from '../code/language.ts';
import { aroundField } from '../form/form-field.tsx';
import type { Form } from '../form/use-form.ts';
import { InputsField } from './inputs-field.tsx';
import { inputsOf } from './transform-edits.ts';
import { isKind, KINDS, transformIssues } from './transform-facts.ts';
import classes from './transforms.module.css';

const text = strings.editor.transforms;

export function TransformCard({
  form,
  transform,
  index,
  columns,
  defined,
  isNew,
  remove,
}: {
  form: Form;
  transform: TransformDraft;
  index: number;
  columns: readonly string[];
  defined: Defined;
  /** It was just made here: the focus goes into it. */
  isNew: boolean;
  remove(): void;
}) {
  const { key } = transform;
  const { canEdit } = form;
  const {
    setNodeRef,
    setActivatorNodeRef,
    attributes,
    listeners,
    transform: offset,
    transition,
    isDragging,
  } = useSortable({ id: key, disabled: !canEdit });
  const card = useRef<HTMLLIElement | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, where it was made
  useEffect(() => {
    if (isNew) card.current?.querySelector<HTMLElement>(`[data-field="transforms/${index}/body"]`)?.focus();
  }, [isNew]);
  const place = index + 1;
  const issues = transformIssues(form, index, inputsOf(transform.inputs).length);
  const write = (fields: Parameters<typeof setTransform>[3]): void =>
    form.edit((doc, pipeline) => setTransform(doc, pipeline, key, fields));
  const kindAround = aroundField(form, `transforms/${key}/kind`, '');
  const inputs = (
    <InputsField
      form={form}
      field={`transforms/${key}/inputs`}
      label={text.inputs(place)}
      issues={issues.inputs}
      inputs={inputsOf(transform.inputs)}
      columns={columns}
      write={(next) => write({ inputs: [...next] })}
    />
  );
  return (
    <li
      ref={(element) => {
        setNodeRef(element);
        card.current = element;
      }}
      aria-label={text.nth(place)}
      data-field={`transforms/${index}`}
      tabIndex={-1}
      className={classNames(classes.card, isDragging && classes.dragged)}
      style={{ transform: offset ? `translate3d(0, ${offset.y}px, 0)` : undefined, transition }}
    >
      <div className={classes.head}>
        {canEdit && (
          <button
            type="button"
            ref={setActivatorNodeRef}
            {...attributes}
            {...listeners}
            aria-label={text.move(place)}
            className={classNames(button.button, button.icon, button.quiet, classes.handle)}
          >
            <GripVertical aria-hidden />
          </button>
        )}
        <span className={classes.place} aria-hidden>
          {place}
        </span>
        <div className={classes.kind}>
          <SelectField
            {...kindAround}
            label={text.kind(place)}
            isLabelHidden
            issues={issues.kind}
            value={textOf(transform.kind)}
            disabled={!canEdit}
            options={KINDS.map((kind) => ({ value: kind, label: text.kinds[kind] ?? kind }))}
            onChange={({ currentTarget: { value } }) => {
              if (isKind(value)) write({ kind: value });
            }}
          />
        </div>
        {kindAround.aside}
        {canEdit && (
          <IconButton label={text.remove(place)} data-remove="" className={classes.remove} onClick={remove}>
            <X aria-hidden />
          </IconButton>
        )}
      </div>
      <Issues issues={issues.own} />
      <Body form={form} transform={transform} index={index} issues={issues.body} defined={defined} />
      {inputs}
    </li>
  );
}

function Body({
  form,
  transform,
  index,
  issues,
  defined,
}: {
  form: Form;
  transform: TransformDraft;
  index: number;
  issues: ReturnType<Form['issues']>;
  defined: Defined;
}) {
  const { connection } = useWorkspace();
  const { pipelineKey, canEdit } = form;
  const { key } = transform;
  const shared = useMemo(
    () => bodyText(connection.doc, pipelineKey, key, () => announce(strings.form.lost)),
    [connection, pipelineKey, key],
  );
  const field = `transforms/${key}/body` as const;
  const others = form.others(field);
  const carets = useMemo(
    () =>
      others.flatMap(({ id, user, name, cursor }) =>
        cursor ? [{ id, name, colour: colourOf(user), ...cursor }] : [],
      ),
    [others],
  );
  return (
    <CodeField
      label={text.body(index + 1)}
      aside={<FieldPeople people={others} />}
      issues={issues}
      canEdit={canEdit}
      text={shared}
      language={languageOf(textOf(transform.kind), textOf(transform.body))}
      carets={carets}
      defined={defined}
      data-field={`transforms/${index}/body`}
      focused={(cursor) => form.focus(field, cursor)}
      blurred={form.blur}
    />
  );
}
