// Around all that is said about running: the heading and the tabs. A page of later is one more tab here.
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Empty } from '../parts/panel.tsx';
import { Screen, ScreenHead, TabBar, tabClass } from '../parts/screen.tsx';
import { useCommands } from '../screen/commands.ts';
import { useSession } from '../screen/context.ts';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { StartRun } from './start-run.tsx';

const text = runsWords;
const { go } = strings.app.palette;

export function RunsFrame() {
  const { may } = useSession();
  const navigate = useNavigate();
  useCommands([
    { id: 'go.upcoming', label: go(text.commands.upcoming), run: () => navigate({ to: '/runs/upcoming' }) },
    { id: 'go.ledger', label: go(text.commands.ledger), run: () => navigate({ to: '/runs/ledger' }) },
  ]);
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
