// The pipelines of a document: groups at the left, the list, and the form of the one that is open.
import { useParams } from '@tanstack/react-router';
import { useStore } from '../live/use-store.ts';
import { useWorkspace } from '../screen/context.ts';
import { FirstSteps } from './first/first-steps.tsx';
import { PipelinesView } from './pipelines-view.tsx';

export function PipelinesScreen() {
  const { pipelines, docId } = useWorkspace();
  const order = useStore(pipelines.order);
  const { key } = useParams({ strict: false });
  // The last one may go while somebody has it open: how to have it back is said where it was.
  if (order.length === 0 && key === undefined) return <FirstSteps />;
  return <PipelinesView key={docId} openKey={key} />;
}
