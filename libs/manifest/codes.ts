// Every code of validation, with what it says: docs/validation.md is made of it, and a test compares it with the code.
import { PIPELINE_ADVICE, VARIABLE_ADVICE } from './check-fields.ts';

type Row = { code: string; severity: 'error' | 'warning' | 'either'; sentence: string };

/** Of single entries and of what they mean together. Words in ‹› stand for what is in the configuration. */
const MEANING: Readonly<Record<string, string>> = {
  'destination.partition_unknown':
    'The schema has no column ‹column›: add it, or partition by a column that is there.',
  'doc.contested': 'Another document has ‹id› too: finish the move, or delete it in one of the two.',
  'doc.other': '‹entry› is of another document: import it with that, or leave `doc` out of the whole file.',
  'files.repeated': '‹entry› stands twice, in the files that are named: keep one of them.',
  'id.duplicate': 'Several pipelines have the id ‹id›: give each an id of its own.',
  'json.misfit': 'The JSON has not the shape of a configuration: correct that place.',
  'json.syntax': 'This is not JSON: correct that place and try again.',
  'key.duplicate': 'Several pipelines have the key ‹key›: give each a key of its own.',
  'name.reserved': 'No field can be called `__proto__`: give it another name.',
  'number.unsafe':
    'Not every reader has this number, infinite or whole and beyond 9007199254740991: write it as a text. A warning where it is live already.',
  'patch.fixed':
    'The key of a pipeline stays, and it goes to another document with its group: leave the field out.',
  'patch.type': 'The field is of another type: write that, or null to empty it.',
  'patch.unknown_field': 'A pipeline has no field ‹name›: use one of those that are listed.',
  'placement.target_missing': 'Name the node or the label to run on as the `target` of the placement.',
  'placement.target_unknown':
    'No node with that name, pool or label was seen: correct the name, or start one, as the pipeline waits for it.',
  'policy.group_twice': 'The policy names a group twice: keep one of the two.',
  'policy.nobody': 'Nobody could agree: name roles or people.',
  'policy.pattern_invalid': 'The ticket pattern is none that can be kept to: correct it.',
  'policy.time_invalid': 'Write a time with its offset, such as `2026-12-24T18:00:00+01:00` or `…Z`.',
  'policy.time_order': 'It ends before it begins: exchange the two times.',
  'revert.document_archived': 'The document is archived: take it back, then revert again.',
  'revert.document_gone': 'There is no such document any more: create it, then revert again.',
  'revert.document_refused': 'The document takes no edits, and why: revert again when that is mended.',
  'revert.id_taken': 'Another pipeline is called ‹id› by now: rename one of the two before they are applied.',
  'revert.moved_since': '‹id› is in another document now than then: leave `doc` out to take it back.',
  'revert.other_document': '‹id› was of another document then: leave `doc` out.',
  'revert.unknown_pipeline':
    'That revision has no pipeline ‹name›: to take away one that came later, delete it or revert the whole.',
  'revert.upstream_gone':
    '‹id› waits for a pipeline that is gone: revert that with it, or give it another schedule.',
  'revert.variable_differs':
    '‹name› has another value than then and stays as it is, as others use it: change it in the document, or give the restored pipelines a variable of their own.',
  'schedule.cron_invalid':
    '‹expr› is not a cron expression (‹reason›): write five fields, or six with seconds first.',
  'schedule.cron_never': '‹expr› never fires: name a day that exists.',
  'schedule.cycle':
    'These pipelines wait for each other and would never start: give one of them another schedule.',
  'schedule.event_invalid': 'Write the event as `manifest.applied` or `pipeline.finished:<id>`.',
  'schedule.every_invalid':
    'Write the interval as a whole number and a unit, ms, s, m, h or d, such as `15m`.',
  'schedule.every_too_long': '‹expr› is too rare: use at most 366d.',
  'schedule.every_too_short': '‹expr› is too often: use at least 1s.',
  'schedule.invalid': 'Remove ‹field›: a schedule of this kind has no such field.',
  'schedule.kind_unknown': 'Set the kind of the schedule to one of cron, every, on-event.',
  'schedule.missing': 'Give the schedule a kind, cron, every or on-event, and an `expr`.',
  'schedule.reference_disabled':
    '‹id› is switched off, so this never fires: enable it, or choose another schedule.',
  'schedule.reference_unknown':
    'There is no pipeline ‹id› to wait for: correct the id, or include that pipeline in the Apply.',
  'schedule.timezone_unknown':
    'There is no such time zone: write an IANA time zone such as `Europe/Berlin`, or leave it out for UTC.',
  'scope.group_unknown': 'There is no pipeline in the group ‹path›: correct the path of the group.',
  'scope.pipeline_elsewhere':
    '‹name› is of another document: apply that one, or move the pipeline here first.',
  'scope.pipeline_renamed': '‹name› has another id in the document now: name it by that id, or by its key.',
  'scope.pipeline_unknown': 'There is no pipeline ‹name›: correct the id, or create the pipeline first.',
  'scope.reference_changed':
    '‹id› changed in the document and is not in the scope, so this waits for it as it was applied: include it when the two belong together.',
  'scope.variable_shared':
    '‹name› would change for pipelines outside the scope: include them in the Apply, or use another variable.',
  'secret.literal':
    'This looks like a secret: write `${secret:NAME}`, give its value to the nodes under that name, and replace the secret. A warning where it is live already.',
  'secret.reference_invalid': 'Refer to a secret by its name, such as `${secret:GITHUB_TOKEN}`.',
  'text.malformed':
    'The text has half of a character (a lone surrogate): write the whole one, or leave it out.',
  'toml.date': 'A date of TOML is no value here: put it in quotes.',
  'toml.format_unsupported':
    'This file is of a format that is not read here: write one that is, or use a newer hakiri.',
  'toml.not_tables': 'Write each entry as a table that begins with `[[pipeline]]` or `[[variable]]`.',
  'toml.syntax': 'This is not TOML at ‹line, column›: correct that place and try again.',
  'toml.unknown_field': 'There is no field ‹name› here: remove it, or use one of those that are listed.',
  'transforms.body_empty': 'Write the body of this transform, or remove it.',
  'transforms.key_duplicate': 'This transform has the key of another: leave the key out of a copy.',
  'transforms.select_empty': 'List the columns to keep as the `inputs` of this select.',
  'variable.duplicate': 'Several variables have the name ‹name›: give each a name of its own.',
  'variable.key_duplicate': 'Several variables have the key ‹key›: give each a key of its own.',
  'variable.other_document':
    'Another document has ‹name› with another value: give one of the two another name, or take it out here.',
  'variable.undefined': 'The variable ‹name› is not defined: define it, or correct the name.',
  'variable.unused': 'No pipeline uses ‹name›: remove it, or refer to it as `${‹name›}`.',
};
const WARNINGS: ReadonlySet<string> = new Set([
  'placement.target_unknown',
  'revert.variable_differs',
  'schedule.reference_disabled',
  'scope.reference_changed',
  'variable.unused',
]);

/** Filled in before anything is checked (canonical.ts), so that nobody is told that they are missing. */
const MAY_BE_LEFT_OUT: ReadonlySet<string> = new Set([
  ...['name', 'description', 'tags', 'group', 'doc', 'enabled', 'placement', 'transforms', 'schema'],
  ...['variable.doc', 'variable.value', 'variable.comment'],
]);

/** In order. */
export function validationCodes(): Row[] {
  const fields = [
    ...Object.entries(PIPELINE_ADVICE).map(([field, advice]) => ({ field, advice })),
    ...Object.entries(VARIABLE_ADVICE).map(([field, advice]) => ({ field: `variable.${field}`, advice })),
  ];
  const rows = [
    ...Object.entries(MEANING).map(([code, sentence]) => ({ code, sentence })),
    ...fields.flatMap(({ field, advice }) =>
      [...(MAY_BE_LEFT_OUT.has(field) ? [] : ['missing']), 'invalid'].map((fault) => ({
        code: `${field}.${fault}`,
        sentence: advice,
      })),
    ),
  ];
  return rows
    .map(({ code, sentence }): Row => ({ code, sentence, severity: severityOf(code) }))
    .sort((a, b) => (a.code < b.code ? -1 : 1));
}

function severityOf(code: string): Row['severity'] {
  if (code === 'secret.literal' || code === 'number.unsafe') return 'either';
  return WARNINGS.has(code) ? 'warning' : 'error';
}

export function validationPage(): string {
  const rows = validationCodes().map(
    ({ code, severity, sentence }) =>
      `| \`${code}\` | ${severity === 'either' ? 'error, warning' : severity} | ${sentence} |`,
  );
  return `# What validation says

Everything that is wrong comes at once, to the page, to \`hakictl validate\` and to an Apply alike: a JSON pointer to the place, a code that
stays the same, a sentence that says what to do, and where there is one a suggestion: the nearest name as \`suggestion.value\`, or the
smallest scope that would do as \`suggestion.scope\`. Warnings stop nothing. This page is made of \`libs/manifest/codes.ts\`.

| code | severity | what to do |
| --- | --- | --- |
${rows.join('\n')}
`;
}
