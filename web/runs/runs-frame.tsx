// Around all that is said about running: the heading and the tabs. A page of later is one more tab here.
import { Link, Outlet } from '@tanstack/react-router';
import { useSession } from '../app/context.ts';
import { Empty } from '../parts/panel.tsx';
import { Screen, ScreenHead, TabBar, tabClass } from '../parts/screen.tsx';
import { strings } from '../strings/strings.ts';
import { StartRun } from './start-run.tsx';

const text = strings.runs;

export function RunsFrame() {
  const { may } = useSession();
  if (!may('runs.read'))
    return (
      <Empty title={text.denied}>
        <p>{text.deniedWhy}</p>
      </Empty>
    );
  return (
    <Screen>
      <ScreenHead title={text.title} about={text.about} actions={may('runs.control') && <StartRun />} />
      <TabBar label={text.tabs.label}>
        <Link to="/runs" activeOptions={{ exact: true, includeSearch: false }} className={tabClass}>
          {text.tabs.runs}
        </Link>
        <Link to="/runs/upcoming" activeOptions={{ includeSearch: false }} className={tabClass}>
          {text.tabs.upcoming}
        </Link>
        <Link to="/runs/ledger" activeOptions={{ includeSearch: false }} className={tabClass}>
          {text.tabs.ledger}
        </Link>
      </TabBar>
      <Outlet />
    </Screen>
  );
}
