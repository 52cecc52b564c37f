// The frame around every screen: where one can go, whether what was typed is safe, who else is here.
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import {
  Braces,
  GitCompare,
  History,
  Menu as MenuIcon,
  PlayCircle,
  Search,
  Server,
  Shield,
  Workflow,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useEffect, useLayoutEffect, useState } from 'react';
import { isTold, turnTelling, wantsToBeTold } from '../changes/tell-hidden.ts';
import { DocumentSwitcher } from '../documents/document-switcher.tsx';
import { whenIdle } from '../live/idle.ts';
import { useStore } from '../live/use-store.ts';
import { ReturnBanner } from '../offline/return-banner.tsx';
import { announce } from '../parts/announce.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { classNames } from '../parts/class-names.ts';
import { Menu } from '../parts/menu.tsx';
import { Kbd } from '../parts/panel.tsx';
import { Avatar, AvatarStack } from '../parts/person.tsx';
import { keysText, listenToKeys, useCommands } from '../screen/commands.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import type { Session } from '../screen/session.ts';
import { holdTyping } from '../screen/typing-hold.ts';
import { strings } from '../strings/strings.ts';
import { ConflictsButton } from '../together/conflicts-button.tsx';
import { UndoButtons, useUndoCommands } from '../together/undo-commands.tsx';
import { AppliedNews, LiveLabel } from './live-label.tsx';
import { NewsCorner } from './news.tsx';
import classes from './shell.module.css';
import { Status } from './status.tsx';
import { chooseTheme, type Theme, theme } from './theme.ts';
import { Trouble } from './trouble.tsx';
import { WaitingBadge } from './waiting-badge.tsx';

const text = strings.app;
// Not in the way of the first screen, and as a rule there before somebody asks for them.
const palette = (): Promise<typeof import('./palette.tsx')> => import('./palette.tsx');
const shortcuts = (): Promise<typeof import('./shortcuts.tsx')> => import('./shortcuts.tsx');
const Palette = lazy(async () => ({ default: (await palette()).Palette }));
const Shortcuts = lazy(async () => ({ default: (await shortcuts()).Shortcuts }));
// Of those who want to be told while they look elsewhere.
const HiddenNews = lazy(async () => ({
  default: (await import('../changes/hidden-news-watch.tsx')).HiddenNews,
}));
const RefusedNews = lazy(async () => ({
  default: (await import('../changes/refused-news.tsx')).RefusedNews,
}));
const ASKED_FOR = [palette, shortcuts];

export function Shell() {
  const { docId } = useWorkspace();
  const { device, may } = useSession();
  const wants = useStore(wantsToBeTold);
  const navigate = useNavigate();
  const [shown, show] = useState<'palette' | 'shortcuts'>();
  const [isNavOpen, setNavOpen] = useState(false);
  useLayoutEffect(listenToKeys, []);
  useEffect(() => whenIdle(ASKED_FOR, (load) => void load().catch(() => {})), []);
  useUndoCommands();
  const showPalette = (): void => {
    if (shown !== 'palette') holdTyping();
    show('palette');
  };
  const params = { doc: docId };
  const go = (name: string) => text.palette.go(name);
  useCommands([
    { id: 'palette', label: text.palette.open, keys: 'Mod+k', run: showPalette },
    { id: 'shortcuts', label: text.shortcuts.open, keys: '?', run: () => show('shortcuts') },
    {
      id: 'go.pipelines',
      label: go(text.pipelines),
      keys: 'g p',
      run: () => navigate({ to: '/docs/$doc/pipelines', params }),
    },
    {
      id: 'go.variables',
      label: go(text.variables),
      keys: 'g v',
      run: () => navigate({ to: '/docs/$doc/variables', params }),
    },
    {
      id: 'go.changes',
      label: go(text.changes),
      keys: 'g c',
      run: () => navigate({ to: '/docs/$doc/changes', params }),
    },
    { id: 'go.revisions', label: go(text.revisions), keys: 'g r', run: () => navigate({ to: '/revisions' }) },
    { id: 'go.daemons', label: go(text.daemons), keys: 'g d', run: () => navigate({ to: '/daemons' }) },
    { id: 'go.runs', label: go(text.runs), keys: 'g u', run: () => navigate({ to: '/runs' }) },
    ...(seesAdmin(may)
      ? [{ id: 'go.admin', label: go(text.admin), keys: 'g a', run: () => navigate({ to: '/admin' }) }]
      : []),
  ]);
  return (
    <div className={classes.shell}>
      <a href="#content" className={classes.skip}>
        {text.skip}
      </a>
      <header className={classes.bar}>
        <IconButton
          label={text.openNav}
          className={classes.navButton}
          aria-expanded={isNavOpen}
          onClick={() => setNavOpen(!isNavOpen)}
        >
          <MenuIcon aria-hidden />
        </IconButton>
        <Link to="/" className={classes.brand}>
          <img src="/icon.svg" alt="" width="20" height="20" />
          <span>{text.name}</span>
        </Link>
        <DocumentSwitcher />
        <Button look="plain" className={classes.search} onClick={showPalette}>
          <Search aria-hidden />
          <span className={classes.searchWord}>{text.palette.open}</span>
          <span className={classes.searchKeys} aria-hidden>
            {keysText('Mod+k').map((key) => (
              <Kbd key={key}>{key}</Kbd>
            ))}
          </span>
        </Button>
        <UndoButtons className={classes.undo} />
        <div className={classes.right}>
          {/* Those that come and go stand where nothing is moved by them. */}
          <Others />
          <ConflictsButton />
          <LiveLabel />
          <Status />
          <Account showShortcuts={() => show('shortcuts')} />
        </div>
      </header>
      <Nav isOpen={isNavOpen} close={() => setNavOpen(false)} />
      <div className={classes.main}>
        <Trouble />
        <ReturnBanner />
        <main id="content" tabIndex={-1} className={classes.content}>
          <Outlet />
        </main>
        <NewsCorner />
      </div>
      <AppliedNews />
      {may('manifest.apply') && (
        <Suspense>
          <RefusedNews of="me" />
        </Suspense>
      )}
      {isTold(wants, device.notifications) && (
        <Suspense>
          <HiddenNews />
        </Suspense>
      )}
      <Suspense>
        {shown === 'palette' && <Palette isOpen close={() => show(undefined)} />}
        {shown === 'shortcuts' && <Shortcuts isOpen close={() => show(undefined)} />}
      </Suspense>
    </div>
  );
}

/** The same by the navigation and by its command. */
function seesAdmin(may: Session['may']): boolean {
  return may('team.read') || may('tokens.manage');
}

function Nav({ isOpen, close }: { isOpen: boolean; close(): void }) {
  const { docId } = useWorkspace();
  const { may } = useSession();
  const params = { doc: docId };
  const props = {
    className: classes.link,
    activeProps: { className: classNames(classes.link, classes.active) },
    onClick: close,
  };
  const item = (icon: ReactNode, name: string) => (
    <>
      {icon}
      <span>{name}</span>
    </>
  );
  return (
    <nav aria-label={text.nav} className={classNames(classes.nav, isOpen && classes.open)}>
      <Link to="/docs/$doc/pipelines" params={params} {...props}>
        {item(<Workflow aria-hidden />, text.pipelines)}
      </Link>
      <Link to="/docs/$doc/variables" params={params} {...props}>
        {item(<Braces aria-hidden />, text.variables)}
      </Link>
      <Link to="/docs/$doc/changes" params={params} {...props}>
        {item(<GitCompare aria-hidden />, text.changes)}
        {may('manifest.approve') && <WaitingBadge />}
      </Link>
      <hr className={classes.rule} />
      <Link to="/revisions" {...props}>
        {item(<History aria-hidden />, text.revisions)}
      </Link>
      <Link to="/daemons" {...props}>
        {item(<Server aria-hidden />, text.daemons)}
      </Link>
      <Link to="/runs" {...props}>
        {item(<PlayCircle aria-hidden />, text.runs)}
      </Link>
      {seesAdmin(may) && (
        <Link to="/admin" {...props} className={classNames(classes.link, classes.last)}>
          {item(<Shield aria-hidden />, text.admin)}
        </Link>
      )}
    </nav>
  );
}

function Others() {
  const { people } = useWorkspace();
  const others = useStore(people.others);
  return (
    <span className={classes.others}>
      <AvatarStack people={others} />
    </span>
  );
}

function Account({ showShortcuts }: { showShortcuts(): void }) {
  const { device, me, signOut } = useSession();
  const wants = useStore(wantsToBeTold);
  const turn = async (): Promise<void> => {
    if ((await turnTelling(device.notifications)) === 'denied') announce(text.tellDenied);
  };
  const chosen = useStore(theme);
  const choose = (next: Theme) => ({
    label: `${text.theme}: ${text.themes[next]}`,
    aside: chosen === next ? '✓' : undefined,
    run: () => chooseTheme(next),
  });
  return (
    <Menu
      button={
        <button type="button" className={classes.account} aria-label={text.account(me.name)}>
          <Avatar user={me.user} name={me.name} />
        </button>
      }
      actions={[
        choose('system'),
        choose('light'),
        choose('dark'),
        'separator',
        {
          label: text.tellHidden,
          aside: isTold(wants, device.notifications) ? '✓' : undefined,
          run: turn,
        },
        { label: text.shortcuts.title, aside: '?', run: showShortcuts },
        'separator',
        { label: text.signOut, run: signOut },
      ]}
    />
  );
}
