// When it runs: by the clock, every so often, or when something happened; in words and with the next times, as it is typed.
import { isRecord } from '@hakiri/base/json';
import { useMemo } from 'react';
import { textOf } from '../../live/text-of.ts';
import { useStore } from '../../live/use-store.ts';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { FormCombobox, type Proposal } from './form-combobox.tsx';
import { FormSelect, FormText } from './form-field.tsx';
import { Section } from './section.tsx';
import { TickTable } from './tick-table.tsx';
import type { Form } from './use-form.ts';

const text = strings.form;
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')].map(
  (value) => ({
    value,
  }),
);

export function ScheduleSection({ form }: { form: Form }) {
  const { draft } = form;
  const schedule = isRecord(draft.schedule) ? draft.schedule : {};
  const kind = textOf(schedule.kind);
  const hint = text.scheduleHints[kind];
  return (
    <Section title={text.sections.schedule}>
      <FormSelect form={form} field="schedule/kind" value={schedule.kind} choices={text.scheduleKinds} />
      {kind === 'on-event' ? (
        <EventField form={form} value={schedule.expr} />
      ) : (
        <FormText form={form} field="schedule/expr" value={schedule.expr} hint={hint} isMono />
      )}
      {(kind === 'cron' || schedule.timezone !== undefined) && (
        <FormCombobox
          form={form}
          field="schedule/timezone"
          value={schedule.timezone}
          proposals={zones}
          placeholder="UTC"
        />
      )}
      <TickTable schedule={draft.schedule} isOn={draft.enabled === true} />
    </Section>
  );
}

/** With the other pipelines, each as the event that it has finished. */
function EventField({ form, value }: { form: Form; value: unknown }) {
  const { pipelines } = useWorkspace();
  const order = useStore(pipelines.order);
  const proposals = useMemo((): readonly Proposal[] => {
    const ids = order.flatMap((key) => (key === form.pipelineKey ? [] : (pipelines.head(key)?.id ?? [])));
    const finished = ids.map((id) => ({ value: `pipeline.finished:${id}`, label: text.events.finished(id) }));
    return [{ value: 'manifest.applied', label: text.events.applied }, ...finished];
  }, [order, pipelines, form.pipelineKey]);
  return (
    <FormCombobox
      form={form}
      field="schedule/expr"
      value={value}
      hint={text.scheduleHints['on-event']}
      proposals={proposals}
      isMono
    />
  );
}
