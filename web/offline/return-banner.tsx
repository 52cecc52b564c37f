// Told to who comes back with edits: what was sent, what others did, and where the two met, each a way to look at it.
import { Link } from '@tanstack/react-router';
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { createStore } from '../live/store.ts';
import { useStore } from '../live/use-store.ts';
import { IconButton } from '../parts/button.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { fieldLabel } from '../together/field-label.ts';
import { type Return, type Returns, watchReturns } from './returns.ts';

const text = strings.offline.returned;
const SHOWN_LIMIT = 5;
const NOTHING = createStore<Return | undefined>(undefined);

export function ReturnBanner() {
  const workspace = useWorkspace();
  const { client, me } = useSession();
  const [returns, setReturns] = useState<Returns>();
  useEffect(() => {
    const watching = watchReturns(workspace, { documents: client.documents, user: me.user });
    setReturns(watching);
    return watching.close;
  }, [workspace, client, me]);
  const last = useStore(returns?.last ?? NOTHING);
  if (!last || !returns) return null;
  const close = (
    <IconButton label={strings.parts.dismiss} onClick={returns.dismiss}>
      <X aria-hidden />
    </IconButton>
  );
  return (
    <Banner tone={last.met.length > 0 ? 'warn' : 'good'} actions={close}>
      {text.sent(last.mine.length, last.others.length)}
      {last.met.length > 0 && (
        <>
          {' '}
          {text.met(last.met.length)}{' '}
          {last.met.slice(0, SHOWN_LIMIT).map(({ pipeline, fields, users }, index) => (
            <span key={pipeline}>
              {index > 0 && ', '}
              <Met pipeline={pipeline} fields={fields} users={users} />
            </span>
          ))}
          {last.met.length > SHOWN_LIMIT && text.more(last.met.length - SHOWN_LIMIT)}
        </>
      )}
    </Banner>
  );
}

function Met({ pipeline, fields, users }: Return['met'][number]) {
  const { docId, pipelines } = useWorkspace();
  const { nameOf } = useSession();
  const head = pipelines.head(pipeline);
  const who = text.with(users.map(nameOf).join(', '), fields.map(fieldLabel).join(', '));
  if (!head) return <>{text.gone(who)}</>;
  return (
    <>
      <Link to="/docs/$doc/pipelines/$key" params={{ doc: docId, key: pipeline }}>
        {head.id}
      </Link>{' '}
      {who}
    </>
  );
}
