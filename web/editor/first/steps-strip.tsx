// What is next on the way to a first Apply, in one line above the list, until something was applied.
import { Link } from '@tanstack/react-router';
import { ArrowRight, X } from 'lucide-react';
import { useEffect } from 'react';
import { useStore } from '../../live/use-store.ts';
import { IconButton } from '../../parts/button.tsx';
import { useSession, useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { nextStep } from './steps.ts';
import { areExpected, areHidden, hasLooked, hideSteps, noteLooked, noteNothingLive } from './steps-kept.ts';
import classes from './steps-strip.module.css';

const text = strings.list.first;

export function StepsStrip() {
  const { docId, live, pipelines } = useWorkspace();
  const { may } = useSession();
  const latest = useStore(live.latest);
  const isHidden = useStore(areHidden);
  const looked = useStore(hasLooked);
  const order = useStore(pipelines.order);
  const { kind } = latest;
  useEffect(() => {
    if (kind !== 'unknown') noteNothingLive(kind === 'none');
  }, [kind]);
  // Until it is known it is as it was the last time, so that nothing jumps.
  const isNothingLive = kind === 'none' || (kind === 'unknown' && areExpected);
  if (isHidden || !may('manifest.apply')) return null;
  const step = nextStep({ pipelines: order.length, hasLooked: looked, isApplied: !isNothingLive });
  // The first one is a screen of its own.
  if (step === undefined || step === 'fill') return null;
  const isLook = step === 'look';
  const [first] = order;
  return (
    <section className={classes.strip} aria-label={text.steps}>
      <strong>{text.next}</strong>
      <span className={classes.hint}>{isLook ? text.twoHint : text.threeHint}</span>
      {isLook && first !== undefined ? (
        <Link
          className={classes.way}
          to="/docs/$doc/pipelines/$key"
          params={{ doc: docId, key: first }}
          onClick={noteLooked}
        >
          {text.look}
          <ArrowRight aria-hidden />
        </Link>
      ) : (
        <Link className={classes.way} to="/docs/$doc/changes" params={{ doc: docId }}>
          {text.changes}
          <ArrowRight aria-hidden />
        </Link>
      )}
      <IconButton label={text.hide} onClick={hideSteps}>
        <X aria-hidden />
      </IconButton>
    </section>
  );
}
