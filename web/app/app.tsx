// From nobody to the open document: the door, then the document, then the screens around it.

import { JoinRefused } from '@hakiri/client/errors';
import type { DocId } from '@hakiri/contracts/names';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense, useCallback, useEffect, useState } from 'react';
import type { Device } from '../device/device.ts';
import { openWorkspace, type Workspace } from '../live/workspace.ts';
import { keepForOffline } from '../offline/install.ts';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Empty, Waiting } from '../parts/panel.tsx';
import { SessionContext, WorkspaceContext } from '../screen/context.ts';
import { createEntrance, type Session } from '../screen/session.ts';
import { strings } from '../strings/strings.ts';
import { addressedDocument } from './addresses.ts';
import { type AtDoor, Door, takeCodeFromAddress, whyNotIn } from './door.tsx';
import { forgetDocument, lastDocument, rememberDocument } from './last-document.ts';
import { router } from './router.tsx';

const NoDocument = lazy(async () => ({ default: (await import('./no-document.tsx')).NoDocument }));

type Place =
  | { at: 'opening' }
  | { at: 'door'; waits?: AtDoor }
  | { at: 'trouble'; reason: string }
  | { at: 'no_document'; session: Session; named: string }
  | { at: 'inside'; session: Session; workspace: Workspace };

/** `loro` resolves when Loro's WebAssembly is there. */
export function App({ device, loro }: { device: Device; loro: Promise<unknown> }) {
  const [place, setPlace] = useState<Place>({ at: 'opening' });
  const [entrance] = useState(() =>
    createEntrance(device, (reason) =>
      setPlace({ at: 'door', waits: reason === 'ended' ? { kind: 'ended' } : { kind: 'signed_out' } }),
    ),
  );

  const enter = useCallback(async (): Promise<void> => {
    setPlace({ at: 'opening' });
    try {
      const identity = entrance.identity();
      if (!identity) return setPlace({ at: 'door' });
      const addressed = addressedDocument(location.pathname);
      if (addressed.kind === 'impossible')
        return setPlace({
          at: 'no_document',
          session: await entrance.enter(identity),
          named: addressed.named,
        });
      const open = (doc: DocId): Promise<Workspace> =>
        openWorkspace({
          client: entrance.client,
          me: identity,
          doc,
          loro,
          replicas: device.replicas,
          onReplaced: () => void enter(),
        });
      const isNamed = addressed.kind === 'document';
      const wanted = isNamed ? addressed.doc : lastDocument();
      const opening = open(wanted).catch((error) => {
        if (!(error instanceof JoinRefused && error.code === 'not_found')) throw error;
        if (isNamed) return undefined;
        forgetDocument();
        return open(lastDocument());
      });
      // What they may do is asked meanwhile.
      const [session, workspace] = await Promise.all([entrance.enter(identity), opening]).catch((error) => {
        void opening.then((opened) => opened?.close()).catch(() => {});
        throw error;
      });
      if (!workspace) return setPlace({ at: 'no_document', session, named: wanted });
      rememberDocument(workspace.docId);
      workspace.people.others.subscribe(() => {
        for (const { user, name } of workspace.people.others.get()) session.learnName(user, name);
      });
      setPlace({ at: 'inside', session, workspace });
    } catch (error) {
      if (!device.session.load()) return setPlace({ at: 'door', waits: { kind: 'ended' } });
      setPlace({ at: 'trouble', reason: failureSentence(error) });
    }
  }, [entrance, device, loro]);

  useEffect(() => {
    const begin = async (): Promise<void> => {
      const code = takeCodeFromAddress();
      const now = device.session.load();
      // Anybody can send a link: what is done afterwards would be done as somebody else.
      if (code !== undefined && now)
        return setPlace({ at: 'door', waits: { kind: 'instead', code, me: now.name } });
      const waits =
        code === undefined
          ? undefined
          : await entrance.redeem(code).then(
              () => undefined,
              (error) => whyNotIn(code, error),
            );
      if (waits) setPlace({ at: 'door', waits });
      else await enter();
    };
    const onLink = (): void => void (location.hash.startsWith('#code=') && begin());
    void begin();
    device.session.onOtherUser(() => location.reload());
    entrance.onRole((me) =>
      setPlace((now) => (now.at === 'inside' ? { ...now, session: now.session.as(me) } : now)),
    );
    window.addEventListener('hashchange', onLink);
    return () => window.removeEventListener('hashchange', onLink);
  }, [entrance, device, enter]);

  // By now what the first screen needs is here.
  const isOpening = place.at === 'opening';
  useEffect(() => {
    if (!isOpening) keepForOffline();
  }, [isOpening]);

  // Whoever leaves a document, for the door or for itself anew, closes it.
  const workspace = place.at === 'inside' ? place.workspace : undefined;
  useEffect(() => () => workspace?.close(), [workspace]);

  // Another document in the address, by a link or by the way back, is opened instead.
  useEffect(() => {
    if (!workspace) return;
    return router.subscribe('onResolved', () => {
      const named = addressedDocument(location.pathname);
      const isThis = named.kind === 'none' || (named.kind === 'document' && named.doc === workspace.docId);
      if (!isThis) void enter();
    });
  }, [workspace, enter]);

  if (place.at === 'opening') return <Waiting>{strings.app.opening}</Waiting>;
  if (place.at === 'door')
    return (
      <Door
        key={JSON.stringify(place.waits ?? null)}
        waits={place.waits}
        redeem={entrance.redeem}
        entered={() => void enter()}
        stay={device.session.load() ? () => void enter() : undefined}
      />
    );
  if (place.at === 'trouble')
    return (
      <main>
        <Empty title={strings.app.notConnected}>
          <p role="alert">{place.reason}</p>
          <Button look="primary" onClick={enter}>
            {strings.parts.tryAgain}
          </Button>
          <Button onClick={entrance.signOut}>{strings.app.signOut}</Button>
        </Empty>
      </main>
    );
  if (place.at === 'no_document')
    return (
      <Suspense fallback={<Waiting>{strings.app.opening}</Waiting>}>
        <NoDocument session={place.session} named={place.named} moved={() => void enter()} />
      </Suspense>
    );
  return (
    <SessionContext value={place.session}>
      <WorkspaceContext value={place.workspace}>
        <RouterProvider router={router} />
      </WorkspaceContext>
    </SessionContext>
  );
}
