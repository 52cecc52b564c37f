// `npm run bench -- sync`: the same questions to three servers, each in a process of its own, and the answers side by side.
import { parseArgs } from 'node:util';
import { coldJoin } from './cold-join.ts';
import { kills } from './kills.ts';
import { largeDocument } from './large-document.ts';
import { busyDocuments, idleSockets } from './many-documents.ts';
import { installPeers } from './peers.ts';
import { propagation } from './propagation.ts';
import { type Options, type Row, type Value, verdict } from './row.ts';
import { SUBJECTS, type SubjectName } from './subject.ts';
import { cost, rate } from './throughput.ts';

const ROWS: readonly Row[] = [
  propagation,
  rate,
  cost,
  busyDocuments,
  idleSockets,
  coldJoin,
  largeDocument,
  kills,
];
const KILLS = 20;

export const SYNC_HELP = `npm run bench -- sync [options]: sync beside a bare broadcast and Hocuspocus with SQLite

  --only <row>[,<row>…]       ${ROWS.map(({ name }) => name).join(', ')}
  --subjects <name>[,…]       ${SUBJECTS.join(', ')} (default all; kills: ours)
  --kills <number>            how often it is killed (default ${KILLS})
  --json                      numbers instead of a table

${ROWS.map(({ name, says }) => `  ${name.padEnd(12)} ${says}`).join('\n')}`;

export async function runSync(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string' },
      subjects: { type: 'string' },
      kills: { type: 'string', default: String(KILLS) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${SYNC_HELP}\n`);
    return;
  }
  const rows = chosen('--only', values.only, ROWS, ({ name }) => name);
  const subjects = chosen<SubjectName>('--subjects', values.subjects, SUBJECTS, (name) => name);
  const options: Options = {
    subjects,
    kills: killsOf(values.kills),
    log: (line) => void process.stderr.write(`  ${line}\n`),
  };
  if (subjects.includes('hocuspocus')) await installPeers();
  const measured: Value[] = [];
  for (const row of rows) {
    process.stderr.write(`${row.name}: ${row.says}…\n`);
    const asked = row === kills && values.subjects === undefined ? { ...options, subjects: OURS } : options;
    measured.push(...(await row.run(asked)));
  }
  process.stdout.write(`${values.json ? JSON.stringify(measured, null, 2) : table(measured, subjects)}\n`);
}

/** @throws when it is no number: every comparison with it would hold. */
function killsOf(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`--kills ${text}: a whole number from 1 on`);
  return Number(text);
}

const OURS: readonly SubjectName[] = ['ours'];

/** @throws when something was named that is not there. */
function chosen<T>(
  option: string,
  named: string | undefined,
  all: readonly T[],
  nameOf: (item: T) => string,
): T[] {
  if (named === undefined) return [...all];
  return named.split(',').map((name) => {
    const item = all.find((candidate) => nameOf(candidate) === name);
    if (item === undefined) throw new Error(`${option} ${name}: one of ${all.map(nameOf).join(', ')}`);
    return item;
  });
}

function table(values: readonly Value[], subjects: readonly SubjectName[]): string {
  const rows = values.map((value) => {
    const { ours, bare, hocuspocus } = value.values;
    const judged = verdict(value);
    return [
      value.note === undefined ? value.measure : `${value.measure} (${value.note})`,
      ...subjects.map((name) => shown(value.values[name], value.unit)),
      ratio(ours, bare),
      ratio(ours, hocuspocus),
      judged === undefined ? '' : `${judged.limit} ${judged.reached ? 'holds' : 'MISSED'}`,
    ];
  });
  const head = ['measure', ...subjects, '÷ bare', '÷ hocuspocus', 'bar'];
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function shown(value: number | undefined, unit: Value['unit']): string {
  if (value === undefined) return '';
  if (Number.isNaN(value)) return '–';
  const digits = unit === '/s' || unit === 'edits' || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)}${unit === '/s' ? '' : ` ${unit}`}`;
}

function ratio(ours: number | undefined, other: number | undefined): string {
  if (ours === undefined || other === undefined || !(other > 0)) return '';
  return `${(ours / other).toFixed(2)}×`;
}
