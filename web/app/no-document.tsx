// The address names a document that the team does not have: said, with those that it has.
import { useEffect } from 'react';
import { DocumentLinks } from '../documents/document-links.tsx';
import { Empty } from '../parts/panel.tsx';
import type { Session } from '../screen/session.ts';
import { strings } from '../strings/strings.ts';

const text = strings.app.noDocument;

export function NoDocument({
  session: { client },
  named,
  moved,
}: {
  session: Session;
  named: string;
  /** The way back or on led to another address. */
  moved(): void;
}) {
  useEffect(() => {
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, [moved]);
  return (
    <main>
      <Empty title={text.title(named)}>
        <p>{text.explain}</p>
        <DocumentLinks client={client} />
      </Empty>
    </main>
  );
}
