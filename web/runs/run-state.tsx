// A run's state as a mark: a word, a sign and a colour.
import type { Run } from '@hakiri/contracts/scheduler';
import { Ban, CircleAlert, CircleCheck, CircleDashed, LoaderCircle } from 'lucide-react';
import { Badge } from '../parts/panel.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { STATE_TONES } from './run-facts.ts';

const text = runsWords;
const ICONS = {
  waiting: CircleDashed,
  claimed: LoaderCircle,
  running: LoaderCircle,
  succeeded: CircleCheck,
  failed: CircleAlert,
  cancelled: Ban,
};

export function RunStateBadge({ run: { state, cancelRequested } }: { run: Run }) {
  const tone = cancelRequested ? 'warn' : STATE_TONES[state];
  const Icon = ICONS[state];
  return (
    <Badge {...(tone ? { tone } : {})}>
      <Icon aria-hidden />
      {cancelRequested ? text.cancelling : text.states[state]}
    </Badge>
  );
}
