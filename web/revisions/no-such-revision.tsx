// The address names a revision that there is not.
import { Link } from '@tanstack/react-router';
import { Empty } from '../parts/panel.tsx';
import { revisions as revisionsWords } from '../strings/en-revisions.ts';

const text = revisionsWords;

export function NoSuchRevision({ label }: { label: string }) {
  return (
    <Empty title={text.missing(label)}>
      <p>{text.missingWhy}</p>
      <Link to="/revisions">{text.all}</Link>
    </Empty>
  );
}
