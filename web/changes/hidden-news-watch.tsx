// As long as it is drawn, somebody who looks elsewhere is told what concerns them.
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession, useWorkspace } from '../screen/context.ts';
import { tellHiddenNews } from './hidden-news.ts';

export function HiddenNews() {
  const { client, device, me, may, named } = useSession();
  const { waiting, live } = useWorkspace();
  const navigate = useNavigate();
  const mayApprove = may('manifest.approve');
  useEffect(
    () =>
      tellHiddenNews({
        waiting,
        live,
        me: { user: me.user, mayApprove },
        show: device.notifications.show,
        statusOf: (id) => client.requests.show(id),
        named,
        open: ({ doc }) => void navigate({ to: '/docs/$doc/changes', params: { doc } }),
        isHidden: () => document.hidden,
      }),
    [waiting, live, me, mayApprove, device, client, named, navigate],
  );
  return null;
}
