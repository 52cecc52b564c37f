// Who runs it.
import { isRecord } from '@hakiri/base/json';
import { textOf } from '../../live/text-of.ts';
import { strings } from '../../strings/strings.ts';
import { FormSelect, FormText } from './form-field.tsx';
import { Section } from './section.tsx';
import type { Form } from './use-form.ts';

const text = strings.form;

export function PlacementSection({ form }: { form: Form }) {
  const placement = isRecord(form.draft.placement) ? form.draft.placement : {};
  return (
    <Section title={text.sections.placement}>
      <FormSelect form={form} field="placement/kind" value={placement.kind} choices={text.placementKinds} />
      <FormText
        form={form}
        field="placement/target"
        value={placement.target}
        hint={text.placementHints[textOf(placement.kind)]}
        isMono
      />
    </Section>
  );
}
