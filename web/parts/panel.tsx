// The page's furniture: panels with a heading and tools, empty states that say what to do, banners, badges, keys.
import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { classNames } from './class-names.ts';
import classes from './panel.module.css';

export type Tone = 'info' | 'good' | 'warn' | 'bad';

export function Panel({
  title,
  tools,
  isFlush = false,
  children,
}: {
  title: ReactNode;
  tools?: ReactNode;
  /** Tables reach to the edge. */
  isFlush?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section className={classes.panel} aria-labelledby={id}>
      <header className={classes.head}>
        <h2 id={id}>{title}</h2>
        {tools && <div className={classes.tools}>{tools}</div>}
      </header>
      <div className={isFlush ? undefined : classes.body}>{children}</div>
    </section>
  );
}

/** Nothing is here yet: what would be, and the first step to it. */
export function Empty({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      {icon}
      <h2>{title}</h2>
      {children}
    </div>
  );
}

const TONE_ICONS = { info: Info, good: CircleCheck, warn: TriangleAlert, bad: CircleAlert };

/** In the flow of the page, so that nothing is covered. What is bad is read out at once. */
export function Banner({
  tone,
  children,
  actions,
}: {
  tone: Tone;
  children: ReactNode;
  actions?: ReactNode;
}) {
  const Icon = TONE_ICONS[tone];
  return (
    <div className={classNames(classes.banner, classes[tone])} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon aria-hidden />
      <div className={classes.bannerText}>{children}</div>
      {actions}
    </div>
  );
}

export function Badge({ tone, title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={classNames(classes.badge, tone && classes[tone])} title={title}>
      {children}
    </span>
  );
}

export function Kbd({ children }: { children: ReactNode }) {
  return <kbd className={classes.kbd}>{children}</kbd>;
}

export function Waiting({ children }: { children: ReactNode }) {
  return (
    <p className={classes.waiting} role="status">
      {children}
    </p>
  );
}
