// The admin surface: another ground, a strip that says what changes here mean, its own list of parts.
import type { Action } from '@hakiri/contracts/roles';
import { Link, Navigate, Outlet, useNavigate } from '@tanstack/react-router';
import { ShieldAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Empty } from '../parts/panel.tsx';
import { useCommands } from '../screen/commands.ts';
import { useSession } from '../screen/context.ts';
import { admin as adminWords } from '../strings/en-admin.ts';
import { strings } from '../strings/strings.ts';
import classes from './admin.module.css';

const text = adminWords;
/** What each part needs; the first that somebody may see is where the surface begins. */
const PARTS = [
  { to: '/admin/members', name: text.parts.members, action: 'team.read' },
  { to: '/admin/invitations', name: text.parts.invitations, action: 'team.manage' },
  { to: '/admin/tokens', name: text.parts.tokens, action: 'tokens.manage' },
  { to: '/admin/policy', name: text.parts.policy, action: 'team.manage' },
  { to: '/admin/audit', name: text.parts.audit, action: 'audit.read' },
] as const satisfies readonly { to: string; name: string; action: Action }[];

export function AdminFrame() {
  const { may } = useSession();
  const navigate = useNavigate();
  const shown = PARTS.filter(({ action }) => may(action));
  useCommands(
    shown.map(({ to, name }) => ({
      id: `go.${to}`,
      label: strings.app.palette.go(text.part(name)),
      run: () => navigate({ to }),
    })),
  );
  return (
    <div className={classes.admin}>
      <div className={classes.strip}>
        <ShieldAlert aria-hidden />
        <strong>{text.title}</strong>
        <span>{text.strip}</span>
      </div>
      <nav className={classes.side} aria-label={text.parts.label}>
        {shown.map(({ to, name }) => (
          <Link key={to} to={to} activeOptions={{ includeSearch: false }} className={classes.link}>
            {name}
          </Link>
        ))}
      </nav>
      <div className={classes.main}>
        <Outlet />
      </div>
    </div>
  );
}

export function AdminIndex() {
  const { may } = useSession();
  const first = PARTS.find(({ action }) => may(action));
  return first ? <Navigate to={first.to} replace /> : <Denied part={text.title} />;
}

/** What is inside is not begun for who may not see it. */
export function Allowed({ action, part, children }: { action: Action; part: string; children: ReactNode }) {
  const { may } = useSession();
  return may(action) ? children : <Denied part={part} />;
}

function Denied({ part }: { part: string }) {
  const { me, may } = useSession();
  return (
    <Empty icon={<ShieldAlert aria-hidden />} title={text.denied.title(part)}>
      <p>{text.denied.why(me.role)}</p>
      {may('team.read') && <Link to="/admin/members">{text.denied.back}</Link>}
    </Empty>
  );
}
