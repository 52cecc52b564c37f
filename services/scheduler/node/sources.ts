// Where rows come from: CSV and JSON files under the node's data directory, JSON from a URL. Each has its bounds.
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { isRecord } from '@hakiri/base/json';
import type { PipelineConfig } from '@hakiri/contracts/config';
import { parse } from 'csv-parse';
import { converterOf } from './columns.ts';
import { confinedPath } from './confined-path.ts';
import { asRow, ROW_LIMIT_BYTES, type Row, readRows } from './rows.ts';
import { StepError } from './step-error.ts';

/** A JSON document is read whole. Lines of JSON (`.ndjson`, `.jsonl`) and CSV are streamed and may be larger. */
export const JSON_LIMIT_BYTES = 64 * 1024 * 1024;
const HTTP_TIMEOUT_MS = 60_000;
const SOURCE_KINDS = ['csv-file', 'json-file', 'http-json'] as const;

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;
type SourceContext = { dataRoot: string; fetch: Fetch; signal: AbortSignal };
type Pipeline = Pick<PipelineConfig, 'source' | 'schema'>;

export function isKnownSource(kind: string): kind is (typeof SOURCE_KINDS)[number] {
  return SOURCE_KINDS.some((known) => known === kind);
}

/** @throws StepError when the source cannot be read. */
export async function* extract(pipeline: Pipeline, context: SourceContext): AsyncGenerator<Row> {
  const { source, schema } = pipeline;
  if (!isKnownSource(source.kind)) throw unknownSource(source.kind);
  // Beyond its kind and ref, a source has options of its own.
  const options: Readonly<Record<string, unknown>> = source;
  if (source.kind === 'http-json') {
    yield* rowsOf(await fetched(source.ref, context), options.path);
    return;
  }
  const path = await confinedPath(context.dataRoot, source.ref);
  if (source.kind === 'csv-file') yield* csvRows(path, options.delimiter, schema);
  else if (/\.(ndjson|jsonl)$/i.test(source.ref)) yield* readRows(path);
  else yield* rowsOf(await readJson(path, source.ref), options.path);
}

export function unknownSource(kind: string): StepError {
  return new StepError(
    `This node does not read sources of kind ${kind}; it reads ${SOURCE_KINDS.join(', ')}. Place the pipeline on a node that does.`,
  );
}

async function* csvRows(path: string, delimiter: unknown, schema: Pipeline['schema']): AsyncGenerator<Row> {
  const file = createReadStream(path);
  const parser = parse({
    bom: true,
    skip_empty_lines: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: ROW_LIMIT_BYTES,
    delimiter: typeof delimiter === 'string' && delimiter !== '' ? delimiter : ',',
  });
  file.on('error', (error) => parser.destroy(error)).pipe(parser);
  let columns: { name: string; convert: ReturnType<typeof converterOf> }[] | undefined;
  let number = 0;
  try {
    for await (const record of parser) {
      const cells: readonly string[] = record;
      if (columns === undefined) {
        columns = cells.map((name) => ({ name, convert: converterOf(schema, name) }));
        continue;
      }
      number += 1;
      const entries = columns.map(({ name, convert }, index) => [
        name,
        convert(cells[index] ?? '', () => `Row ${number}: ${name}`),
      ]);
      yield Object.fromEntries(entries);
    }
  } catch (error) {
    if (error instanceof StepError) throw error;
    throw new StepError(`The CSV file cannot be read: ${error instanceof Error ? error.message : error}`);
  } finally {
    file.destroy();
  }
}

async function readJson(path: string, ref: string): Promise<unknown> {
  const { size } = await stat(path);
  if (size > JSON_LIMIT_BYTES)
    throw new StepError(
      `${ref} has ${size} bytes; at most ${JSON_LIMIT_BYTES}. Use lines of JSON (.ndjson) instead.`,
    );
  return parsed(await readFile(path, 'utf8'), ref);
}

async function fetched(url: string, { fetch, signal }: SourceContext): Promise<unknown> {
  if (!/^https?:\/\//.test(url)) throw new StepError(`${url} is not an http or https address.`);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(HTTP_TIMEOUT_MS)]);
  try {
    const response = await fetch(url, { headers: { accept: 'application/json' }, signal: limit });
    if (!response.ok) throw new StepError(`${url} answered ${response.status}.`);
    return parsed(await bounded(response, url), url);
  } catch (error) {
    if (error instanceof StepError || signal.aborted) throw error;
    throw new StepError(`${url} could not be read: ${error instanceof Error ? error.message : error}`);
  }
}

async function bounded(response: Response, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > JSON_LIMIT_BYTES) throw new StepError(`${url} sent more than ${JSON_LIMIT_BYTES} bytes.`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function parsed(text: string, from: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new StepError(`${from} is not JSON.`);
  }
}

/** `path` leads to the array, through dots: `data.items`. Without one the document is the array. */
async function* rowsOf(document: unknown, path: unknown): AsyncGenerator<Row> {
  let value = document;
  const names = typeof path === 'string' && path !== '' ? path.split('.') : [];
  for (const name of names) value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (!Array.isArray(value))
    throw new StepError(
      names.length > 0
        ? `There is no array at ${names.join('.')}.`
        : 'It is not an array of rows: name one with `path`.',
    );
  let number = 0;
  for (const item of value) {
    number += 1;
    yield asRow(item, number);
  }
}
