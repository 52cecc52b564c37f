// Which language a body is coloured as, and that language, loaded when it is first needed.
import type { Extension } from '@codemirror/state';

export type Language = 'sql' | 'python' | 'json' | 'plain';

/** An expression reads like one of SQL. A plan of Polars is a program, or its JSON. */
export function languageOf(kind: string, body: string): Language {
  if (kind === 'filter' || kind === 'select') return 'sql';
  if (kind === 'polars') return /^\s*[{[]/.test(body) ? 'json' : 'python';
  return 'plain';
}

export async function loadLanguage(language: Language): Promise<Extension> {
  if (language === 'sql') return (await import('@codemirror/lang-sql')).sql();
  if (language === 'python') return (await import('@codemirror/lang-python')).python();
  if (language === 'json') return (await import('@codemirror/lang-json')).json();
  return [];
}
