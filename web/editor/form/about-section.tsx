// What people call a pipeline, where it stands, and whether it runs.
import { useMemo } from 'react';
import type { GroupNode } from '../../live/groups.ts';
import { useStore } from '../../live/use-store.ts';
import { CheckField } from '../../parts/field.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { FieldPeople, ringOf } from '../../together/field-people.tsx';
import classes from './form.module.css';
import { FormCombobox } from './form-combobox.tsx';
import { FormArea, FormText } from './form-field.tsx';
import { Section } from './section.tsx';
import { TagsField } from './tags-field.tsx';
import type { Form } from './use-form.ts';
import { writeEnabled } from './write-field.ts';

const text = strings.form;

export function AboutSection({ form }: { form: Form }) {
  const { groups } = useWorkspace();
  const tree = useStore(groups.tree);
  const proposals = useMemo(() => pathsOf(tree), [tree]);
  const { draft } = form;
  return (
    <Section title={text.sections.about}>
      <EnabledField form={form} />
      <FormText form={form} field="name" value={draft.name} />
      <FormText form={form} field="id" value={draft.id} isMono />
      <FormCombobox form={form} field="group" value={draft.group} proposals={proposals} isWrittenWhole />
      <TagsField form={form} />
      <div className={classes.wide}>
        <FormArea form={form} field="description" value={draft.description} />
      </div>
    </Section>
  );
}

function EnabledField({ form }: { form: Form }) {
  const { draft, canEdit } = form;
  const isOn = draft.enabled === true;
  const others = form.others('enabled');
  return (
    <div className={classes.switch}>
      <span className={ringOf(others)}>
        <CheckField
          label={text.fields.enabled ?? ''}
          role="switch"
          data-field="enabled"
          checked={isOn}
          disabled={!canEdit}
          onFocus={() => form.focus('enabled')}
          onBlur={form.blur}
          onChange={({ currentTarget: { checked } }) =>
            form.edit((doc, key) => writeEnabled(doc, key, checked))
          }
        />
      </span>
      <span className={classes.quiet}>{isOn ? text.enabledHint : text.disabledHint}</span>
      <FieldPeople people={others} />
    </div>
  );
}

function pathsOf(tree: readonly GroupNode[]): { value: string }[] {
  return tree.flatMap(({ path, children }) => [{ value: path }, ...pathsOf(children)]);
}
