// Rows as files of one JSON object a line: written whole or not at all, read with a bound on each line. What a step left is
// known by its size and digest, so that a resumed run never goes on from something else.
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRecord, type Json } from '@hakiri/base/json';
import { StepError } from './step-error.ts';

export type Row = Record<string, Json>;
type Written = { rows: number; sizeBytes: number; digest: string };

export const ROW_LIMIT_BYTES = 1024 * 1024;
const OUTPUT_LIMIT_BYTES = 4 * 1024 ** 3;
const WRITE_BUFFER_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

export type RowFile = {
  add(row: Row): Promise<void>;
  /** On disk under its own name when it resolves. */
  publish(): Promise<Written>;
  discard(): Promise<void>;
};

/** `attempt` keeps two attempts at the same file apart until one of them is renamed. */
export async function createRowFile(path: string, attempt: number): Promise<RowFile> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.${attempt}.partial`;
  const handle = await open(partial, 'w');
  const hash = createHash('sha256');
  const written = { rows: 0, sizeBytes: 0 };
  let buffer: string[] = [];
  let bufferedBytes = 0;
  let isOpen = true;

  async function flush(): Promise<void> {
    if (buffer.length === 0) return;
    const bytes = Buffer.from(buffer.join(''));
    buffer = [];
    bufferedBytes = 0;
    hash.update(bytes);
    await handle.writeFile(bytes);
  }

  return {
    async add(row) {
      const line = `${JSON.stringify(row)}\n`;
      const sizeBytes = Buffer.byteLength(line);
      written.rows += 1;
      written.sizeBytes += sizeBytes;
      if (sizeBytes > ROW_LIMIT_BYTES)
        throw new StepError(
          `Row ${written.rows} is ${sizeBytes} bytes; a row has at most ${ROW_LIMIT_BYTES}.`,
        );
      if (written.sizeBytes > OUTPUT_LIMIT_BYTES)
        throw new StepError(
          `There are more than ${OUTPUT_LIMIT_BYTES} bytes of rows: filter earlier, or run more often.`,
        );
      buffer.push(line);
      bufferedBytes += sizeBytes;
      if (bufferedBytes >= WRITE_BUFFER_BYTES) await flush();
    },
    async publish() {
      await flush();
      await handle.sync();
      await handle.close();
      isOpen = false;
      await rename(partial, path);
      await syncDirectory(dirname(path));
      return { ...written, digest: digestText(hash) };
    },
    async discard() {
      if (!isOpen) return;
      isOpen = false;
      await handle.close();
      await rm(partial, { force: true });
    },
  };
}

/** All of `rows` into one file. */
export async function writeRows(path: string, attempt: number, rows: AsyncIterable<Row>): Promise<Written> {
  const file = await createRowFile(path, attempt);
  try {
    for await (const row of rows) await file.add(row);
    return await file.publish();
  } finally {
    await file.discard();
  }
}

/** @throws StepError when a line is too long, is no JSON object, or when the file is not what `expected` says. */
export async function* readRows(path: string, expected?: { digest: string }): AsyncGenerator<Row> {
  const hash = createHash('sha256');
  let number = 0;
  for await (const line of lines(path, hash)) {
    number += 1;
    if (line.trim() !== '') yield parsedRow(line, number);
  }
  if (expected && digestText(hash) !== expected.digest)
    throw new StepError(`${path} is not what the step before wrote. Retry the run.`);
}

function parsedRow(line: string, number: number): Row {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new StepError(`Line ${number} is not JSON.`);
  }
  return asRow(value, number);
}

/** `value` comes from JSON.parse. @throws StepError when it is no object. */
export function asRow(value: unknown, number: number): Row {
  if (isJsonObject(value)) return value;
  throw new StepError(`Row ${number} is not an object with columns.`);
}

function isJsonObject(value: unknown): value is Row {
  return isRecord(value);
}

async function* lines(path: string, hash: Hash): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: WRITE_BUFFER_BYTES })) {
    hash.update(chunk);
    let bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      yield bytes.toString('utf8', 0, end);
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
    if (rest.length > ROW_LIMIT_BYTES) throw new StepError(`A line has more than ${ROW_LIMIT_BYTES} bytes.`);
  }
  if (rest.length > 0) yield rest.toString('utf8');
}

function digestText(hash: Hash): string {
  return `sha256:${hash.copy().digest('hex')}`;
}

async function syncDirectory(path: string): Promise<void> {
  const handle: FileHandle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}
