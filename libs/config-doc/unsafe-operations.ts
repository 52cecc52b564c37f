// Operations that write a whole number which JavaScript has not (beyond 2^53 − 1). Loro refuses to export any span that has one, so
// such an operation is found by halving the span, and read by itself, with the number rounded: one value hides nobody else's work.
import { isRecord } from '@hakiri/base/json';
import type { ContainerID, JsonChange, JsonOp, JsonValue, LoroDoc, PeerID } from 'loro-crdt';

/** `exportJsonInIdSpan`, whatever anybody wrote. The end is excluded. */
export function exportSpan(doc: LoroDoc, peer: PeerID, start: number, end: number): JsonChange[] {
  return exportPart({ doc, peer, known: new Map() }, start, end);
}

type Walk = {
  doc: LoroDoc;
  peer: PeerID;
  /** By where its change begins. */
  known: Map<number, readonly unknown[]>;
};

function exportPart(walk: Walk, start: number, end: number): JsonChange[] {
  try {
    return walk.doc.exportJsonInIdSpan({ peer: walk.peer, counter: start, length: end - start });
  } catch (error) {
    if (!isUnsafeNumber(error)) throw error;
  }
  if (end - start === 1) return [readAlone(walk, start)];
  const middle = Math.floor((start + end) / 2);
  return [...exportPart(walk, start, middle), ...exportPart(walk, middle, end)];
}

/** As the export says it; everything else is thrown on. */
function isUnsafeNumber(error: unknown): boolean {
  return /can't be represented as a JavaScript number/.test(
    error instanceof Error ? error.message : String(error),
  );
}

/** As a change of one operation. Inside a list its values are left out: nobody asks a list's operation for them. */
function readAlone({ doc, peer, known }: Walk, counter: number): JsonChange {
  const change = doc.getChangeAt({ peer, counter });
  const ops = known.get(change.counter) ?? doc.getOpsInChange({ peer, counter });
  known.set(change.counter, ops);
  const op = ops.findLast((one) => isRecord(one) && Number(one.counter) <= counter);
  const deps =
    counter === change.counter ? change.deps.map(nameOf) : [nameOf({ peer, counter: counter - 1 })];
  return {
    id: nameOf({ peer, counter }),
    timestamp: change.timestamp,
    deps,
    lamport: change.lamport + counter - change.counter,
    msg: change.message ?? null,
    ops: isRecord(op) ? jsonOp(op, counter) : [],
  };
}

function nameOf({ peer, counter }: { peer: PeerID; counter: number }): `${number}@${PeerID}` {
  return `${counter}@${peer}`;
}

function jsonOp({ container, content }: Record<string, unknown>, counter: number): JsonOp[] {
  const id = containerIdOf(container);
  if (id === undefined || !isRecord(content)) return [];
  if (!isRecord(content.Map))
    return [{ container: id, counter, content: { type: 'insert', pos: 0, value: [] } }];
  const { key, value } = content.Map;
  return [{ container: id, counter, content: { type: 'insert', key: String(key), value: rounded(value) } }];
}

function containerIdOf(container: unknown): ContainerID | undefined {
  if (!isRecord(container)) return undefined;
  const { Root: root, Normal: normal } = container;
  const id = isRecord(root)
    ? `cid:root-${String(root.name)}:${String(root.container_type)}`
    : isRecord(normal)
      ? `cid:${String(normal.counter)}@${String(normal.peer)}:${String(normal.container_type)}`
      : undefined;
  return id !== undefined && isContainerId(id) ? id : undefined;
}

function isContainerId(id: string): id is ContainerID {
  return id.startsWith('cid:');
}

function rounded(value: unknown): JsonValue {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(rounded);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), rounded(item)]));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
