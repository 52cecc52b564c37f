// Where each screen lives. Screens are loaded when somebody goes there, the pipelines at once.

import { DEFAULT_DOC } from '@hakiri/contracts/names';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { PipelinesScreen } from '../editor/pipelines-screen.tsx';
import { Broken, NotFound } from './failures.tsx';
import { lastDocument } from './last-document.ts';
import { Shell } from './shell.tsx';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Broken });
const screen = <Path extends string>(path: Path) => ({ getParentRoute: () => root, path });

const routeTree = root.addChildren([
  createRoute({
    ...screen('/'),
    beforeLoad: () => {
      throw redirect({
        to: '/docs/$doc/pipelines',
        params: { doc: lastDocument() ?? DEFAULT_DOC },
        replace: true,
      });
    },
  }),
  createRoute({ ...screen('/docs/$doc/pipelines'), component: PipelinesScreen }),
  createRoute({ ...screen('/docs/$doc/pipelines/$key'), component: PipelinesScreen }),
  createRoute({
    ...screen('/docs/$doc/variables'),
    component: lazyRouteComponent(() => import('../editor/variables-screen.tsx'), 'VariablesScreen'),
  }),
  createRoute({
    ...screen('/docs/$doc/changes'),
    component: lazyRouteComponent(() => import('../changes/changes-screen.tsx'), 'ChangesScreen'),
  }),
  createRoute({
    ...screen('/revisions'),
    component: lazyRouteComponent(() => import('../revisions/revisions-screen.tsx'), 'RevisionsScreen'),
  }),
  createRoute({
    ...screen('/runs'),
    component: lazyRouteComponent(() => import('../runs/runs-screen.tsx'), 'RunsScreen'),
  }),
  createRoute({
    ...screen('/admin'),
    component: lazyRouteComponent(() => import('../admin/admin-screen.tsx'), 'AdminScreen'),
  }),
]);

export const router = createRouter({ routeTree, defaultPreload: 'intent', scrollRestoration: false });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
