// What somebody typed about a new token, read. Pure.
import { TOKEN_PIPELINES_LIMIT } from '@hakiri/contracts/auth';

const PIPELINE_ID = /^[a-z0-9][a-z0-9_.-]{0,99}$/;

export type TypedPipelines =
  | { kind: 'all' }
  | { kind: 'some'; pipelines: string[] }
  | { kind: 'wrong'; ids: string }
  | { kind: 'too_many' };

export function readPipelines(typed: string): TypedPipelines {
  const ids = [...new Set(typed.split(/[\s,]+/).filter((id) => id !== ''))];
  const wrong = ids.filter((id) => !PIPELINE_ID.test(id));
  if (wrong.length > 0) return { kind: 'wrong', ids: wrong.join(', ') };
  if (ids.length > TOKEN_PIPELINES_LIMIT) return { kind: 'too_many' };
  return ids.length === 0 ? { kind: 'all' } : { kind: 'some', pipelines: ids };
}
