// The form of one pipeline, loaded when somebody opens the first one.
import { lazy, Suspense } from 'react';
import { Waiting } from '../../parts/panel.tsx';
import { strings } from '../../strings/strings.ts';

const Body = lazy(() => import('./form-body.tsx').then(({ FormBody }) => ({ default: FormBody })));

export function PipelineForm(props: { pipelineKey: string; close(): void }) {
  return (
    <Suspense fallback={<Waiting>{strings.parts.loading}</Waiting>}>
      <Body key={props.pipelineKey} {...props} />
    </Suspense>
  );
}
