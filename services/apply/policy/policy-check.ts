// Is a policy that somebody wants to save one that can be kept to? Every issue with its path. Pure.
import type { ConfigIssue } from '@hakiri/contracts/config';
import type { ApplyPolicy, TimeSpan } from '@hakiri/contracts/policy';
import { canonicalGroup } from '@hakiri/manifest/canonical';
import { checkSchedule } from '@hakiri/manifest/check-schedule';
import { issue } from '@hakiri/manifest/issue';
import { patternFault } from './policy-ticket.ts';
import { parseInstant } from './policy-time.ts';

export function checkPolicy(policy: ApplyPolicy): ConfigIssue[] {
  function checkSpan(span: TimeSpan, path: string): ConfigIssue[] {
    if (span.kind === 'recurring') {
      const { cron: expr, timezone } = span;
      const schedule = { kind: 'cron', expr, ...(timezone === undefined ? {} : { timezone }) };
      return checkSchedule(schedule, path).map((found) => ({
        ...found,
        path: found.path.replace(/\/expr$/, '/cron'),
      }));
    }
    const [from, until] = [parseInstant(span.from), parseInstant(span.until)];
    const noTime = (field: string) =>
      issue(
        `${path}/${field}`,
        'policy.time_invalid',
        'Write a time with its offset, such as `2026-12-24T18:00:00+01:00` or `…Z`.',
      );
    if (from === undefined || until === undefined)
      return [
        ...(from === undefined ? [noTime('from')] : []),
        ...(until === undefined ? [noTime('until')] : []),
      ];
    if (from < until) return [];
    return [issue(`${path}/until`, 'policy.time_order', 'It ends before it begins: exchange the two times.')];
  }

  const { ticket, windows } = policy;
  const fault = ticket && patternFault(ticket.pattern);
  const groups = policy.protected.map(({ group }) => canonicalGroup(group));
  return [
    ...groups.flatMap((group, index) =>
      groups.indexOf(group) === index
        ? []
        : [
            issue(
              `/protected/${index}/group`,
              'policy.group_twice',
              `\`${group}\` is protected twice: say it once, with the higher number of approvals.`,
            ),
          ],
    ),
    ...policy.protected.flatMap(({ by }, index) =>
      by.roles.length + by.users.length > 0
        ? []
        : [
            issue(
              `/protected/${index}/by`,
              'policy.nobody',
              'Nobody could approve: name a role or some users.',
            ),
          ],
    ),
    ...(fault ? [issue('/ticket/pattern', 'policy.pattern_invalid', fault)] : []),
    ...policy.freezes.flatMap(({ when }, index) => checkSpan(when, `/freezes/${index}/when`)),
    ...(windows?.open ?? []).flatMap((span, index) => checkSpan(span, `/windows/open/${index}`)),
  ];
}
