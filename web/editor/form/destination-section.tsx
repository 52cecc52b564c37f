// Where the rows go.
import { isRecord } from '@hakiri/base/json';
import { strings } from '../../strings/strings.ts';
import { tableOf } from './elsewhere.ts';
import { FormCombobox } from './form-combobox.tsx';
import { FormText } from './form-field.tsx';
import { Section } from './section.tsx';
import type { Form } from './use-form.ts';
import { useProposals } from './use-proposals.tsx';

export function DestinationSection({ form }: { form: Form }) {
  const { destination, schema } = form.draft;
  const there = isRecord(destination) ? destination : {};
  const columns = isRecord(schema) ? Object.entries(schema) : [];
  const proposals = columns.map(([value, column]) => ({
    value,
    ...(isRecord(column) && typeof column.type === 'string' ? { label: column.type } : {}),
  }));
  const tables = useProposals(form.pipelineKey, tableOf);
  return (
    <Section title={strings.form.sections.destination}>
      <FormText
        form={form}
        field="destination/table"
        value={there.table}
        isMono
        {...(form.canEdit ? { list: tables.list, onEnter: tables.ask } : {})}
      />
      {form.canEdit && tables.proposals}
      <FormCombobox
        form={form}
        field="destination/partition_by"
        value={there.partition_by}
        proposals={proposals}
        isMono
      />
    </Section>
  );
}
