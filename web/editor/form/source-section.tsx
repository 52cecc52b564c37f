// Where the rows come from: the kind of source, what it reads, and the options of its kind by name.
import { isRecord } from '@hakiri/base/json';
import { strings } from '../../strings/strings.ts';
import { VariableField } from '../variables/variable-field.tsx';
import { FormCombobox } from './form-combobox.tsx';
import { Section } from './section.tsx';
import { SourceOptions } from './source-options.tsx';
import type { Form } from './use-form.ts';

const KINDS = [
  { value: 'csv-file', label: 'CSV' },
  { value: 'json-file', label: 'JSON' },
  { value: 'http-json', label: 'JSON, HTTP' },
];

export function SourceSection({ form }: { form: Form }) {
  const source = isRecord(form.draft.source) ? form.draft.source : {};
  return (
    <Section title={strings.form.sections.source}>
      <FormCombobox form={form} field="source/kind" value={source.kind} proposals={KINDS} isMono />
      <VariableField form={form} field="source/ref" value={source.ref} />
      <SourceOptions form={form} source={source} />
    </Section>
  );
}
