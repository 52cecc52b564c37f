// An address that leads nowhere, and a screen that has failed: each with a way on.
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { Button } from '../parts/button.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { Empty } from '../parts/panel.tsx';
import { useSession } from '../screen/context.ts';
import { strings } from '../strings/strings.ts';

const DocumentLinks = lazy(async () => ({
  default: (await import('../documents/document-links.tsx')).DocumentLinks,
}));

export function NotFound() {
  const { client } = useSession();
  const text = strings.app.notFound;
  usePageTitle(text.title, 'screen');
  return (
    <Empty title={text.title}>
      <p>{text.explain}</p>
      <Link to="/">{text.back}</Link>
      <Suspense>
        <DocumentLinks client={client} />
      </Suspense>
    </Empty>
  );
}

export function Broken({ error }: ErrorComponentProps) {
  const text = strings.app.broken;
  usePageTitle(text.title, 'screen');
  return (
    <Empty title={text.title}>
      <p role="alert">{text.explain}</p>
      <code>{error instanceof Error ? error.message : String(error)}</code>
      <Button look="primary" onClick={() => location.reload()}>
        {text.reload}
      </Button>
    </Empty>
  );
}
