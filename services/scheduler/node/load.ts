// Where rows go: lines of JSON under the output directory, one file for each run and partition, named by the run. Repeating
// it writes the same files again, so it does not matter how often a crash makes it start over.
import { join } from 'node:path';
import type { Json } from '@hakiri/base/json';
import { DestinationConfig, type PipelineConfig } from '@hakiri/contracts/config';
import { Value } from '@sinclair/typebox/value';
import { createRowFile, type Row, type RowFile } from './rows.ts';
import { StepError } from './step-error.ts';

/** Each is an open file while the step runs. */
export const PARTITIONS_LIMIT = 256;
/** How many file names the step's result lists; it always says how many there are. */
const FILES_SHOWN = 50;
const PARTITION_NAME_LIMIT = 150;
const NULL_PARTITION = '__null__';

type Loaded = { rows: number; files: string[]; fileCount: number };

export async function load(
  rows: AsyncIterable<Row>,
  to: { destination: PipelineConfig['destination']; outputRoot: string; run: string; attempt: number },
): Promise<Loaded> {
  const { destination, outputRoot, run, attempt } = to;
  const { table, partition_by: column } = destination;
  // Variables were put in since it was validated.
  if (!Value.Check(DestinationConfig, destination))
    throw new StepError(`${table} is no name for a table: letters, digits, "_" and ".".`);
  const files = new Map<string, RowFile>();
  const fileOf = async (partition: string): Promise<RowFile> => {
    const known = files.get(partition);
    if (known) return known;
    if (files.size >= PARTITIONS_LIMIT)
      throw new StepError(
        `There are more than ${PARTITIONS_LIMIT} partitions: partition by a coarser column.`,
      );
    const file = await createRowFile(join(outputRoot, nameOf(partition)), attempt);
    files.set(partition, file);
    return file;
  };
  const nameOf = (partition: string): string => join(table, partition, `${run}.ndjson`);
  try {
    if (column === undefined) await fileOf('');
    for await (const row of rows)
      await (await fileOf(column === undefined ? '' : partitionOf(column, row))).add(row);
    let total = 0;
    for (const file of files.values()) total += (await file.publish()).rows;
    const names = [...files.keys()].sort().map(nameOf);
    return { rows: total, files: names.slice(0, FILES_SHOWN), fileCount: names.length };
  } finally {
    for (const file of files.values()) await file.discard();
  }
}

/** `country=nl`, with whatever a file name must not hold escaped. */
function partitionOf(column: string, row: Row): string {
  const value = Object.hasOwn(row, column) ? row[column] : undefined;
  if (value === undefined) throw new StepError(`A row has no column ${column} to partition by.`);
  const name = `${escaped(column)}=${escaped(textOf(value, column))}`;
  if (name.length <= PARTITION_NAME_LIMIT) return name;
  throw new StepError(`A value of ${column} is too long to name a partition.`);
}

function textOf(value: Json, column: string): string {
  if (value === null) return NULL_PARTITION;
  if (typeof value === 'object')
    throw new StepError(`${column} holds lists or objects: partition by a plain column.`);
  return String(value);
}

function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
