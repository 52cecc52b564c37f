// All of one pipeline, to read and to write, while others do the same.
import type { PipelineDraft } from '@hakiri/contracts/config';
import { memo, useRef } from 'react';
import { textOf } from '../../live/text-of.ts';
import { useStore, useTopic } from '../../live/use-store.ts';
import { Banner } from '../../parts/panel.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { ConflictBanners } from '../../together/conflict-banners.tsx';
import { AboutSection } from './about-section.tsx';
import { DestinationSection } from './destination-section.tsx';
import classes from './form.module.css';
import { FormHead } from './form-head.tsx';
import { Gone } from './gone.tsx';
import { HistorySection } from './history-section.tsx';
import { PlacementSection } from './placement-section.tsx';
import { sameSection } from './same-form.ts';
import { ScheduleSection } from './schedule-section.tsx';
import { SchemaSection } from './schema-section.tsx';
import { SourceSection } from './source-section.tsx';
import { TransformsSection } from './transforms-section.tsx';
import { useFieldJump } from './use-field-jump.ts';
import { useForm } from './use-form.ts';

const text = strings.form;
const isSameHead = sameSection(['id'], 'id');
const Schedule = memo(ScheduleSection, sameSection(['schedule', 'enabled'], 'schedule'));
const Source = memo(SourceSection, sameSection(['source'], 'source'));
const Destination = memo(DestinationSection, sameSection(['destination', 'schema'], 'destination'));
const Transforms = memo(TransformsSection, sameSection(['transforms', 'schema'], 'transforms'));
const Schema = memo(SchemaSection, sameSection(['schema', 'destination'], 'schema'));
const Placement = memo(PlacementSection, sameSection(['placement'], 'placement'));
const Head = memo(FormHead, (a, b) => a.close === b.close && isSameHead(a, b));
const Conflicts = memo(ConflictBanners);
const History = memo(HistorySection);

export function FormBody({ pipelineKey, close }: { pipelineKey: string; close(): void }) {
  const { pipelines } = useWorkspace();
  const draft = useTopic(pipelines.subscribe, pipelineKey, pipelines.draft);
  const last = useRef(draft);
  if (draft) last.current = draft;
  return draft ? (
    <Fields draft={draft} close={close} />
  ) : (
    <Gone pipelineKey={pipelineKey} last={last.current} close={close} />
  );
}

function Fields({ draft, close }: { draft: PipelineDraft; close(): void }) {
  const form = useForm(draft);
  // The page says so above.
  const isArchived = useStore(useWorkspace().archived) !== undefined;
  const root = useRef<HTMLElement>(null);
  useFieldJump(root);
  return (
    <section ref={root} aria-label={text.region(textOf(draft.id) || text.noId)} className={classes.form}>
      <Head form={form} close={close} />
      {!form.canEdit && !isArchived && <Banner tone="info">{text.viewer}</Banner>}
      <Conflicts pipelineKey={draft.key} />
      <AboutSection form={form} />
      <Schedule form={form} />
      <Source form={form} />
      <Destination form={form} />
      <Transforms form={form} />
      <Schema form={form} />
      <Placement form={form} />
      <History pipelineKey={draft.key} />
    </section>
  );
}
