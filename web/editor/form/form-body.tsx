// All of one pipeline, to read and to write, while others do the same.
import type { PipelineDraft } from '@hakiri/contracts/config';
import { X } from 'lucide-react';
import { useWorkspace } from '../../app/context.ts';
import { textOf } from '../../live/text-of.ts';
import { useTopic } from '../../live/use-store.ts';
import { IconButton } from '../../parts/button.tsx';
import { Banner } from '../../parts/panel.tsx';
import { strings } from '../../strings/strings.ts';
import { AboutSection } from './about-section.tsx';
import classes from './form.module.css';
import { useForm } from './use-form.ts';

const text = strings.form;

export function FormBody({ pipelineKey, close }: { pipelineKey: string; close(): void }) {
  const { pipelines } = useWorkspace();
  const draft = useTopic(pipelines.subscribe, pipelineKey, pipelines.draft);
  return draft ? <Fields draft={draft} close={close} /> : null;
}

function Fields({ draft, close }: { draft: PipelineDraft; close(): void }) {
  const form = useForm(draft);
  const title = textOf(draft.id) || text.noId;
  return (
    <section aria-label={text.region(title)} className={classes.form}>
      <header className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        <IconButton label={text.close} onClick={close}>
          <X aria-hidden />
        </IconButton>
      </header>
      {!form.canEdit && <Banner tone="info">{text.viewer}</Banner>}
      <AboutSection form={form} />
    </section>
  );
}
