// The documents of the team as links, for who came to an address where there is none.
import { useCallback } from 'react';
import { useLoaded } from '../live/use-loaded.ts';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Banner, Waiting } from '../parts/panel.tsx';
import type { Session } from '../screen/session.ts';
import { strings } from '../strings/strings.ts';
import classes from './document-links.module.css';

const text = strings.documents;

/** Plain links: each loads the page anew, wherever the one that they stand in has come to. */
export function DocumentLinks({ client }: Pick<Session, 'client'>) {
  const loaded = useLoaded(useCallback(() => client.documents.list(), [client]));
  if (loaded.kind === 'loading') return <Waiting>{strings.parts.loading}</Waiting>;
  if (loaded.kind === 'failed')
    return (
      <Banner tone="bad" actions={<Button onClick={loaded.again}>{strings.parts.tryAgain}</Button>}>
        {failureSentence(loaded.error)}
      </Banner>
    );
  return (
    <nav aria-label={text.title}>
      <h3>{text.title}</h3>
      <ul className={classes.links}>
        {loaded.value.map(({ doc, title }) => (
          <li key={doc}>
            <a href={`/docs/${encodeURIComponent(doc)}/pipelines`}>{title}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
