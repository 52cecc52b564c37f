// Above every screen while the document takes no edits for a reason that somebody should know: it was archived, or edits of a person
// whose role was changed while they typed were not sent.
import { useState } from 'react';
import { useStore } from '../live/use-store.ts';
import { announce } from '../parts/announce.ts';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Moment } from '../parts/moment.tsx';
import { Banner } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';

const text = strings.app.status;

export function ReadOnlyBanner({ unsaved, isKept }: { unsaved: number; isKept: boolean }) {
  const { archived, docId } = useWorkspace();
  const { client, may } = useSession();
  const info = useStore(archived);
  const [failure, setFailure] = useState<string>();
  const kept = isKept ? text.unsent.kept : text.unsent.lost;
  if (!info)
    return unsaved > 0 ? (
      <Banner tone="warn">
        {text.unsent.role(unsaved)} {kept}
      </Banner>
    ) : null;
  const takeBack = (): Promise<void> =>
    client.documents.update(docId, { archived: false }).then(
      () => announce(text.takenBack(info.title)),
      (error) => setFailure(failureSentence(error)),
    );
  return (
    <Banner tone="warn" actions={may('doc.write') && <Button onClick={takeBack}>{text.takeBack}</Button>}>
      {text.archivedWhy(info.title)} {info.archivedAt && <Moment at={info.archivedAt} isRelative />}{' '}
      {!may('doc.write') && text.archivedWay} {unsaved > 0 && `${text.unsent.archived(unsaved)} ${kept}`}
      {failure && <p role="alert">{failure}</p>}
    </Banner>
  );
}
