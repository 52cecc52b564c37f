// What is due next across all pipelines, and which are due at no time, and why.

import type { Client } from '@hakiri/client/client';
import type { ScheduleInfo } from '@hakiri/contracts/scheduler';
import { LIST_LIMIT } from '@hakiri/contracts/scheduler';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { CalendarClock } from 'lucide-react';
import { useMemo } from 'react';
import { usePoll } from '../live/use-poll.ts';
import { useStore } from '../live/use-store.ts';
import { SelectField, TextField } from '../parts/field.tsx';
import { Moment } from '../parts/moment.tsx';
import { Banner, Empty, Panel, Waiting } from '../parts/panel.tsx';
import { Filters } from '../parts/screen.tsx';
import { Table } from '../parts/table.tsx';
import { useAddressText } from '../parts/use-address-text.ts';
import { useSession } from '../screen/context.ts';
import { PolledBanner } from '../screen/polled-banner.tsx';
import { runs as runsWords } from '../strings/en-runs.ts';
import { strings } from '../strings/strings.ts';
import { TICK_COUNTS, upcomingSearch } from './run-search.ts';
import classes from './runs.module.css';
import { found, idleSchedules, type Tick, upcomingTicks } from './upcoming.ts';

const text = runsWords;
const words = text.upcoming;
const SCHEDULES_LIMIT = 40 * LIST_LIMIT;
const SMALL_TEAM = LIST_LIMIT;
const POLL_MS = 15_000;
/** A large team's schedules are many pages. */
const LARGE_POLL_MS = 5 * 60_000;
const IDLE_SHOWN = 100;
const route = getRouteApi('/runs/upcoming');

export function UpcomingScreen() {
  const { client } = useSession();
  const { find: named = '', count = TICK_COUNTS[0] } = route.useSearch();
  const navigate = useNavigate();
  const show = (search: { find: string; count: number }) =>
    navigate({ to: '/runs/upcoming', search: upcomingSearch(search), replace: true });
  const { typed, type, sent } = useAddressText(named, (words) => show({ find: words, count }));
  const find = useStore(typed);
  const polled = usePoll(
    'schedules',
    () => allSchedules(client),
    (known) => ((known?.schedules.length ?? 0) <= SMALL_TEAM ? POLL_MS : LARGE_POLL_MS),
  );
  const { value } = polled;
  const shown = useMemo(() => {
    const some = found(value?.schedules ?? [], find);
    return { ticks: upcomingTicks(some, Date.now(), count), idle: idleSchedules(some) };
  }, [value, find, count]);
  return (
    <>
      <Filters>
        <TextField
          label={words.find}
          type="search"
          value={find}
          onChange={(event) => type(event.target.value)}
        />
        <SelectField
          label={words.count}
          value={String(count)}
          onChange={(event) => {
            sent(find);
            void show({ find, count: Number(event.target.value) });
          }}
          options={TICK_COUNTS.map((one) => ({ value: String(one), label: words.counts(one) }))}
        />
      </Filters>
      <PolledBanner polled={polled} />
      {value?.isCut && <Banner tone="warn">{words.cut(SCHEDULES_LIMIT)}</Banner>}
      {!value && polled.isAsking && <Waiting>{strings.parts.loading}</Waiting>}
      {value && shown.ticks.length > 0 && <Ticks ticks={shown.ticks} />}
      {value && shown.ticks.length === 0 && (
        <Empty icon={<CalendarClock aria-hidden />} title={words.none}>
          <p>{find === '' ? words.noneWhy : words.noneFound}</p>
          {find === '' && <Link to="/">{text.list.toPipelines}</Link>}
        </Empty>
      )}
      {shown.idle.length > 0 && <Idle schedules={shown.idle} />}
    </>
  );
}

async function allSchedules(client: Client): Promise<{ schedules: ScheduleInfo[]; isCut: boolean }> {
  const schedules: ScheduleInfo[] = [];
  let after: string | undefined;
  do {
    const page = await client.runs.schedules({
      limit: LIST_LIMIT,
      ...(after === undefined ? {} : { after }),
    });
    schedules.push(...page.schedules);
    after = page.next;
  } while (after !== undefined && schedules.length < SCHEDULES_LIMIT);
  return { schedules, isCut: after !== undefined };
}

function Ticks({ ticks }: { ticks: readonly Tick[] }) {
  const caption = words.caption(ticks.length);
  return (
    <Table
      caption={caption}
      columns={[{ name: text.pipeline }, { name: words.at }, { name: words.in }, { name: words.schedule }]}
    >
      {ticks.map(({ schedule, atMs }) => {
        const at = new Date(atMs).toISOString();
        return (
          <tr key={`${schedule.key} ${atMs}`}>
            <th scope="row">
              <Link to="/runs" search={{ pipeline: schedule.pipeline }} className={classes.id}>
                {schedule.pipeline}
              </Link>
            </th>
            <td>
              <Moment at={at} isExact />
            </td>
            <td className={classes.soft}>
              <Moment at={at} isRelative />
            </td>
            <td>
              <code>{schedule.kind === 'every' ? words.every(schedule.expr) : schedule.expr}</code>{' '}
              {schedule.kind === 'cron' && (
                <span className={classes.soft}>{words.zone(schedule.timezone ?? 'UTC')}</span>
              )}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}

function Idle({ schedules }: { schedules: readonly ScheduleInfo[] }) {
  const more = schedules.length - IDLE_SHOWN;
  return (
    <Panel title={words.idle} isFlush>
      <Table
        isFlush
        caption={words.idleCaption}
        columns={[{ name: text.pipeline }, { name: words.schedule }, { name: words.why }]}
        foot={more > 0 && words.more(more)}
      >
        {schedules.slice(0, IDLE_SHOWN).map((schedule) => (
          <tr key={schedule.key}>
            <th scope="row">
              <Link to="/runs" search={{ pipeline: schedule.pipeline }} className={classes.id}>
                {schedule.pipeline}
              </Link>
            </th>
            <td>
              <code>{schedule.kind === 'every' ? words.every(schedule.expr) : schedule.expr}</code>
            </td>
            <td>{words.whyNot(schedule)}</td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
