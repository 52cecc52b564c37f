// Where each screen lives. Screens are loaded when somebody goes there, the pipelines at once.

import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { auditSearch } from '../admin/audit-search.ts';
import { parseQuery } from '../editor/list/list-query.ts';
import { PipelinesScreen } from '../editor/pipelines-screen.tsx';
import { focusHeadingSoon, screenOf } from '../parts/lost-focus.ts';
import { pipelineSearch, runSearch, upcomingSearch } from '../runs/run-search.ts';
import { Broken, NotFound } from './failures.tsx';
import { lastDocument } from './last-document.ts';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken });
const screen = <Path extends string>(path: Path) => ({ getParentRoute: () => root, path });

/** One screen for the list and for whatever is open beside it. */
const pipelines = createRoute({
  ...screen('/docs/$doc/pipelines'),
  validateSearch: parseQuery,
  component: PipelinesScreen,
});
const runs = createRoute({
  ...screen('/runs'),
  component: lazyRouteComponent(() => import('../runs/runs-frame.tsx'), 'RunsFrame'),
});
const inRuns = <Path extends string>(path: Path) => ({ getParentRoute: () => runs, path });

const admin = createRoute({
  ...screen('/admin'),
  component: lazyRouteComponent(() => import('../admin/admin-frame.tsx'), 'AdminFrame'),
});
const inAdmin = <Path extends string>(path: Path) => ({ getParentRoute: () => admin, path });

const routeTree = root.addChildren([
  createRoute({
    ...screen('/'),
    beforeLoad: () => {
      throw redirect({
        to: '/docs/$doc/pipelines',
        params: { doc: lastDocument() },
        replace: true,
      });
    },
  }),
  createRoute({
    ...screen('/docs/$doc'),
    beforeLoad: ({ params }) => {
      throw redirect({ to: '/docs/$doc/pipelines', params, replace: true });
    },
  }),
  pipelines.addChildren([
    createRoute({
      getParentRoute: () => pipelines,
      path: '/$key',
      validateSearch: (search): { field?: string } => textsOf(search, 'field'),
    }),
  ]),
  createRoute({
    ...screen('/docs/$doc/variables'),
    component: lazyRouteComponent(() => import('../editor/variables-screen.tsx'), 'VariablesScreen'),
  }),
  createRoute({
    ...screen('/docs/$doc/changes'),
    // Keys of pipelines between commas: the selection of the list.
    validateSearch: (search): { keys?: string } => textsOf(search, 'keys'),
    component: lazyRouteComponent(() => import('../changes/changes-screen.tsx'), 'ChangesScreen'),
  }),
  createRoute({
    ...screen('/revisions'),
    validateSearch: (search): { from?: string; to?: string } => textsOf(search, 'from', 'to'),
    component: lazyRouteComponent(() => import('../revisions/revisions-screen.tsx'), 'RevisionsScreen'),
  }),
  createRoute({
    ...screen('/revisions/$label'),
    component: lazyRouteComponent(() => import('../revisions/revisions-screen.tsx'), 'RevisionsScreen'),
  }),
  createRoute({
    ...screen('/daemons'),
    component: lazyRouteComponent(() => import('../revisions/daemons-screen.tsx'), 'DaemonsScreen'),
  }),
  runs.addChildren([
    createRoute({
      ...inRuns('/'),
      validateSearch: runSearch,
      component: lazyRouteComponent(() => import('../runs/runs-screen.tsx'), 'RunsScreen'),
    }),
    createRoute({
      ...inRuns('/upcoming'),
      validateSearch: upcomingSearch,
      component: lazyRouteComponent(() => import('../runs/upcoming-screen.tsx'), 'UpcomingScreen'),
    }),
    createRoute({
      ...inRuns('/ledger'),
      validateSearch: pipelineSearch,
      component: lazyRouteComponent(() => import('../runs/ledger-screen.tsx'), 'LedgerScreen'),
    }),
    createRoute({
      ...inRuns('/$id'),
      component: lazyRouteComponent(() => import('../runs/run-screen.tsx'), 'RunScreen'),
    }),
  ]),
  admin.addChildren([
    createRoute({
      ...inAdmin('/'),
      component: lazyRouteComponent(() => import('../admin/admin-frame.tsx'), 'AdminIndex'),
    }),
    createRoute({
      ...inAdmin('/members'),
      component: lazyRouteComponent(() => import('../admin/members-screen.tsx'), 'MembersScreen'),
    }),
    createRoute({
      ...inAdmin('/invitations'),
      component: lazyRouteComponent(() => import('../admin/invitations-screen.tsx'), 'InvitationsScreen'),
    }),
    createRoute({
      ...inAdmin('/tokens'),
      component: lazyRouteComponent(() => import('../admin/tokens-screen.tsx'), 'TokensScreen'),
    }),
    createRoute({
      ...inAdmin('/policy'),
      component: lazyRouteComponent(() => import('../admin/policy-screen.tsx'), 'PolicyScreen'),
    }),
    createRoute({
      ...inAdmin('/audit'),
      validateSearch: auditSearch,
      component: lazyRouteComponent(() => import('../admin/audit-screen.tsx'), 'AuditScreen'),
    }),
  ]),
]);

/** Those of an address's parameters that are texts; what else is there counts for nothing. */
function textsOf<Name extends string>(
  search: Record<string, unknown>,
  ...names: Name[]
): Partial<Record<Name, string>> {
  const texts: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === 'string') texts[name] = value;
  }
  return texts;
}

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: false });
// What was pressed may be gone with its screen.
router.subscribe('onRendered', ({ fromLocation, toLocation }) => {
  if (fromLocation && screenOf(fromLocation.pathname) !== screenOf(toLocation.pathname)) focusHeadingSoon();
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
