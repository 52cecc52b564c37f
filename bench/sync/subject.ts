// What is measured, each in a process of its own behind one handle: the bare broadcast, Hocuspocus, ours.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBase64Url } from '@hakiri/base/bytes';
import { SCHEMA_VERSION } from '@hakiri/config-doc/shape';
import { decodeVersion, encodeVersion } from '@hakiri/config-doc/version';
import { roomOf } from '@hakiri/contracts/names';
import { openEmbedded } from '@hakiri/substrate/embedded/open';
import { encodeBase } from '@hakiri/sync/document/base';
import { embeddedDeployment } from '@hakiri/tests/deployments';
import { type Document, type Library, loroLibrary, yjsLibrary } from './library.ts';
import { PEERS } from './peers.ts';
import { bareWire, hocuspocusWire, loroWire, type Wire } from './wire.ts';

export const SUBJECTS = ['bare', 'hocuspocus', 'ours'] as const;
export type SubjectName = (typeof SUBJECTS)[number];

export type Subject = {
  name: SubjectName;
  /** Documents and edits, in the subject's own CRDT. */
  library: Library;
  /** Renewed by a restart, as the address is. */
  wire(): Wire;
  url(): string;
  pid(): number;
  room(doc: string): string;
  create(docs: readonly string[]): Promise<void>;
  /** SIGKILL, then a start on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
};

export type Prepared = ReadonlyMap<string, Document>;

/** With these documents in its store before it starts. */
export async function startSubject(name: SubjectName, prepared: Prepared = new Map()): Promise<Subject> {
  if (name === 'bare') return startBare();
  return name === 'ours' ? startOurs(prepared) : startHocuspocus(prepared);
}

export function libraryOf(name: SubjectName): Promise<Library> {
  return name === 'hocuspocus' ? yjsLibrary() : Promise.resolve(loroLibrary);
}

async function startBare(): Promise<Subject> {
  const server = await startProgram([process.execPath, join(import.meta.dir, 'bare-server.ts')]);
  return {
    name: 'bare',
    library: loroLibrary,
    wire: bareWire,
    url: () => server.url,
    pid: () => server.pid,
    room: (doc) => doc,
    create: async () => {},
    restart: () => Promise.reject(new Error('a bare broadcast keeps nothing')),
    stop: server.stop,
  };
}

async function startOurs(prepared: Prepared): Promise<Subject> {
  const dataDir = await mkdtemp(join(tmpdir(), 'hakiri-bench-'));
  if (prepared.size > 0) {
    const substrate = await openEmbedded(dataDir);
    for (const [doc, document] of prepared) {
      const id = { team: TEAM, doc };
      const { epoch, position } = await substrate.documents.open(id);
      await substrate.documents.compact(id, epoch, position, baseOf(document));
    }
    await substrate.close();
  }
  const program = join(import.meta.dir, 'ours-server.ts');
  const deployment = await embeddedDeployment({ dataDir, program });
  process.once('exit', () => {
    const pid = deployment.pid();
    if (pid !== undefined && isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  return {
    name: 'ours',
    library: loroLibrary,
    wire: () => loroWire(deployment.ready().ownerToken),
    url: () => deployment.ready().url,
    pid: () => deployment.pid() ?? 0,
    room: (doc) => roomOf(TEAM, doc),
    create: async (docs) => {
      const { url, ownerToken } = deployment.ready();
      const headers = { authorization: `Bearer ${ownerToken}`, 'content-type': 'application/json' };
      for (const doc of docs) {
        const response = await fetch(`${url}/v1/docs`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ doc }),
        });
        if (!response.ok) throw new Error(`${doc}: ${await response.text()}`);
      }
    },
    restart: async () => {
      await deployment.kill();
      await deployment.restart();
    },
    stop: async () => {
      await deployment.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

async function startHocuspocus(prepared: Prepared): Promise<Subject> {
  const library = await yjsLibrary();
  const dataDir = await mkdtemp(join(tmpdir(), 'hakiri-bench-'));
  const files: string[] = [];
  for (const [doc, { bytes }] of prepared) {
    const file = join(dataDir, `${doc}.yjs`);
    await writeFile(file, bytes);
    files.push(doc, file);
  }
  const program = ['node', join(PEERS, 'hocuspocus.js'), join(dataDir, 'hocuspocus.db')];
  let server = await startProgram([...program, ...files]);
  return {
    name: 'hocuspocus',
    library,
    wire: hocuspocusWire,
    url: () => server.url,
    pid: () => server.pid,
    room: (doc) => doc,
    create: async () => {},
    restart: async () => {
      await server.kill();
      server = await startProgram(program);
    },
    stop: async () => {
      await server.stop();
      await rm(dataDir, { recursive: true });
    },
  };
}

const TEAM = 'default';

/** As sync itself would have written it. */
function baseOf({ bytes, version }: Document): Uint8Array {
  const text = encodeVersion(decodeVersion(toBase64Url(version)) ?? new Map());
  return encodeBase({ snapshot: bytes, version: text, schema: SCHEMA_VERSION, leases: [] });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** A program whose first line of output is JSON with its address. */
async function startProgram(command: string[]) {
  const child = Bun.spawn(command, { stdin: 'ignore', stdout: 'pipe', stderr: 'inherit' });
  // A generator that ends early must not leave servers behind.
  process.once('exit', () => child.kill('SIGKILL'));
  const { value } = await child.stdout.getReader().read();
  const line: unknown = JSON.parse(new TextDecoder().decode(value));
  const url = typeof line === 'object' && line !== null && 'url' in line ? String(line.url) : '';
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    await child.exited;
  };
  return { url, pid: child.pid, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}
