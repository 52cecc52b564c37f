// The audit log, newest first: what is new comes by itself, what is older on request, all of it without gaps; and its chain, checked.
import type { AuditCheck, AuditEntry } from '@hakiri/contracts/auth';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { memo, type ReactNode, useState } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { useStore } from '../live/use-store.ts';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { SelectField, TextField } from '../parts/field.tsx';
import { Moment } from '../parts/moment.tsx';
import { Badge, Banner, Waiting } from '../parts/panel.tsx';
import { Filters, Screen, ScreenHead } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useAddressText } from '../parts/use-address-text.ts';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { admin as adminWords } from '../strings/en-admin.ts';
import { strings } from '../strings/strings.ts';
import classes from './admin.module.css';
import { Allowed } from './admin-frame.tsx';
import { foundEntries, isByItself, olderQuery, withNewest, withOlder } from './audit-entries.ts';
import { type AuditSearch, auditSearch } from './audit-search.ts';

const words = adminWords.audit;
const POLL_MS = 5_000;
const PAGE_ENTRIES = 100;
const COLUMNS = [
  { name: words.number },
  { name: words.at },
  { name: words.actor },
  { name: words.action },
  { name: words.target },
  { name: words.outcome },
  { name: words.detail },
];
const route = getRouteApi('/admin/audit');

export function AuditScreen() {
  return (
    <Allowed action="audit.read" part={words.title}>
      <Audit />
    </Allowed>
  );
}

function Audit() {
  const { client, names, nameOf } = useSession();
  useStore(names);
  const search = route.useSearch();
  const navigate = useNavigate();
  const [known, setKnown] = useState<readonly AuditEntry[]>([]);
  const [failure, setFailure] = useState<string>();
  const polled = usePoll(
    'audit',
    async () => {
      const { entries } = await client.auth.audit({ newest: true, limit: PAGE_ENTRIES });
      setKnown((now) => withNewest(now, entries));
      return true;
    },
    () => POLL_MS,
  );
  const show = (next: { [Name in keyof AuditSearch]: string }) =>
    navigate({ to: '/admin/audit', search: auditSearch(next), replace: true });
  const { typed, type, sent } = useAddressText(search.find ?? '', (words) =>
    show({ ...search, find: words }),
  );
  const find = useStore(typed);
  const below = olderQuery(known, PAGE_ENTRIES);
  const older = async (): Promise<void> => {
    if (!below) return;
    try {
      const { entries } = await client.auth.audit(below);
      setKnown((now) => withOlder(now, entries));
      setFailure(undefined);
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  const chain = useChain();
  const { outcome } = search;
  const shown = foundEntries(known, { find, ...(outcome ? { outcome } : {}) }, nameOf);
  return (
    <Screen>
      <ScreenHead title={words.title} about={words.about} actions={chain.button} />
      {chain.outcome}
      <Filters>
        <TextField
          label={words.find}
          type="search"
          value={find}
          onChange={(event) => type(event.target.value)}
        />
        <SelectField
          label={words.outcome}
          value={search.outcome ?? ''}
          onChange={(event) => {
            sent(find);
            void show({ find, outcome: event.target.value });
          }}
          options={[
            { value: '', label: words.any },
            { value: 'done', label: words.done },
            { value: 'refused', label: words.refused },
          ]}
        />
        {polled.value && <p className={classes.soft}>{words.loaded(shown.length, known.length)}</p>}
      </Filters>
      <PolledBanner polled={polled} />
      {failure && <Banner tone="bad">{failure}</Banner>}
      {!polled.value && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {polled.value && (
        <Table
          caption={words.caption}
          columns={COLUMNS}
          foot={below && <Button onClick={older}>{words.older}</Button>}
        >
          {shown.length === 0 && (
            <tr>
              <td colSpan={COLUMNS.length}>{words.noneFound}</td>
            </tr>
          )}
          {shown.map((entry) => (
            <Row
              key={entry.sequence}
              entry={entry}
              actor={nameOf(entry.actor.id)}
              target={nameOf(entry.target)}
            />
          ))}
        </Table>
      )}
    </Screen>
  );
}

/** Drawn again when it is another or somebody's name was learnt, and its detail when somebody looks at it. */
const Row = memo(function Row({
  entry: { sequence, at, action, outcome, detail, hash, service },
  actor,
  target,
}: {
  entry: AuditEntry;
  /** Their names. */
  actor: string;
  target: string;
}) {
  const [isOpen, setOpen] = useState(false);
  return (
    <tr>
      <td>{sequence}</td>
      <td>
        <Moment at={at} isExact />
      </td>
      <td>{actor}</td>
      <th scope="row" className={classes.mono}>
        {action}
        {isByItself({ action, target, outcome }) && <p className={classes.soft}>{words.byItself}</p>}
      </th>
      <td className={classes.target}>{target}</td>
      <td>
        <Badge tone={outcome === 'done' ? 'good' : 'bad'}>
          {outcome === 'done' ? words.done : words.refused}
        </Badge>
      </td>
      <td>
        <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
          <summary>{words.show}</summary>
          {isOpen && (
            <pre className={classes.detail}>{JSON.stringify({ ...detail, service, hash }, null, 2)}</pre>
          )}
        </details>
      </td>
    </tr>
  );
});

function useChain(): { button: ReactNode; outcome: ReactNode } {
  const { client } = useSession();
  const [check, setCheck] = useState<AuditCheck>();
  const [failure, setFailure] = useState<string>();
  const verify = async (): Promise<void> => {
    try {
      setCheck(await client.auth.verifyAudit());
      setFailure(undefined);
    } catch (error) {
      setFailure(failureSentence(error));
    }
  };
  const button = <Button onClick={verify}>{words.verify}</Button>;
  if (failure) return { button, outcome: <Banner tone="bad">{failure}</Banner> };
  const outcome = check && (
    <Banner tone={check.intact ? 'good' : 'bad'}>
      <span className={classes.mono}>
        {check.intact ? words.intact(check.entries, check.head) : words.broken(check.brokenAt ?? 0)}
      </span>
    </Banner>
  );
  return { button, outcome };
}
