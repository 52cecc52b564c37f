// Issues and the JSON pointers they carry.
import type { ConfigIssue } from '@hakiri/contracts/config';

/** A draft and its own pointer. */
export type Placed<Draft> = { draft: Draft; path: string };

export function issue(path: string, code: string, message: string): ConfigIssue {
  return { path, code, message, severity: 'error' };
}

export function warning(path: string, code: string, message: string): ConfigIssue {
  return { path, code, message, severity: 'warning' };
}

/** A JSON pointer (RFC 6901) of these parts. */
export function pointer(...parts: string[]): string {
  return parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
