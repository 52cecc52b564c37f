// What every screen finds around it: the session, and the open document.
import { createContext, useContext } from 'react';
import type { Workspace } from '../live/workspace.ts';
import type { Session } from './session.ts';

export const SessionContext = createContext<Session | undefined>(undefined);
export const WorkspaceContext = createContext<Workspace | undefined>(undefined);

export function useSession(): Session {
  return known(useContext(SessionContext), 'session');
}

export function useWorkspace(): Workspace {
  return known(useContext(WorkspaceContext), 'workspace');
}

function known<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`no ${name} around this screen`);
  return value;
}
