// The documents of the team: open one, give it another title, put it away, take it back, make one.
import type { DocumentInfo } from '@hakiri/contracts/sync';
import { useCallback, useEffect, useState } from 'react';
import { announce } from '../parts/announce.ts';
import { Dialog } from '../parts/dialog.tsx';
import { failureSentence } from '../parts/failure.ts';
import { CheckField } from '../parts/field.tsx';
import { Banner, Waiting } from '../parts/panel.tsx';
import { useSession, useWorkspace } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';
import { ArchiveQuestion } from './archive-question.tsx';
import { DocumentRow } from './document-row.tsx';
import classes from './documents-dialog.module.css';
import { NewDocument } from './new-document.tsx';

const text = strings.documents;

export function DocumentsDialog({
  changed,
  open,
  close,
}: {
  /** Told of those that are not archived. */
  changed(docs: readonly DocumentInfo[]): void;
  open(doc: string): unknown;
  close(): void;
}) {
  const { docId } = useWorkspace();
  const { client, may } = useSession();
  const [docs, setDocs] = useState<readonly DocumentInfo[]>();
  const [failure, setFailure] = useState<string>();
  const [asked, setAsked] = useState<DocumentInfo>();
  const [withArchived, setWithArchived] = useState(false);
  const fail = useCallback(
    (error: unknown): void => setFailure(`${text.failed} ${failureSentence(error)}`),
    [],
  );
  const read = useCallback(
    () =>
      client.documents.list({ archived: true }).then((list) => {
        setDocs(list);
        setFailure(undefined);
        changed(list.filter(({ archivedAt }) => archivedAt === undefined));
      }, fail),
    [client, changed, fail],
  );
  useEffect(() => void read(), [read]);
  const openAndClose = (doc: string): void => {
    close();
    open(doc);
  };
  const update = (doc: string, body: { title?: string; archived?: boolean }): Promise<void> =>
    client.documents.update(doc, body).then(read, fail);
  const archive = ({ doc, title }: DocumentInfo): Promise<void> =>
    client.documents.update(doc, { archived: true }).then(() => {
      const run = (): void => void update(doc, { archived: false });
      announce(text.archiving.done(title), { label: text.archiving.takeBack, run, isWayBack: true });
      return read();
    }, fail);
  const create = (doc: string, title: string): Promise<void> =>
    client.documents
      .create({ doc, ...(title === '' ? {} : { title }) })
      .then(read)
      .then(() => openAndClose(doc), fail);
  const mayEdit = may('doc.write');
  return (
    <Dialog title={text.title} isOpen close={close}>
      <p>{text.explain}</p>
      {failure && <Banner tone="bad">{failure}</Banner>}
      {!docs && !failure && <Waiting>{strings.parts.loading}</Waiting>}
      {docs && (
        <ul className={classes.list}>
          {docs
            .filter(({ archivedAt }) => withArchived || archivedAt === undefined)
            .map((info) => (
              <DocumentRow
                key={info.doc}
                info={info}
                isCurrent={info.doc === docId}
                canEdit={mayEdit}
                open={openAndClose}
                update={async (doc, body) => (body.archived ? setAsked(info) : update(doc, body))}
              />
            ))}
        </ul>
      )}
      {docs?.some(({ archivedAt }) => archivedAt !== undefined) && (
        <CheckField
          label={text.showArchived}
          checked={withArchived}
          onChange={({ target }) => setWithArchived(target.checked)}
        />
      )}
      {mayEdit && <NewDocument create={create} />}
      {asked && (
        <ArchiveQuestion info={asked} confirm={() => archive(asked)} close={() => setAsked(undefined)} />
      )}
    </Dialog>
  );
}
