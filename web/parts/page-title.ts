// What the tab is called: the screen, and in front of it what of the screen is open. Tabs, the history and who hears the page tell
// screens apart by it.
import { useLayoutEffect } from 'react';
import { strings } from '../strings/strings.ts';

/** From the most telling on. */
const LEVELS = ['detail', 'screen'] as const;
export type TitlePart = { level: (typeof LEVELS)[number]; text: string };

const shown: TitlePart[] = [];

/** Of one level the last one counts: while screens change both may be there. */
export function pageTitle(parts: readonly TitlePart[]): string {
  const texts = LEVELS.map((level) => parts.findLast((part) => part.level === level)?.text ?? '');
  return [...texts, strings.app.name].filter((text) => text !== '').join(' · ');
}

/** While the component is shown. */
export function usePageTitle(text: string, level: TitlePart['level']): void {
  useLayoutEffect(() => {
    const part = { level, text };
    shown.push(part);
    document.title = pageTitle(shown);
    return () => {
      shown.splice(shown.indexOf(part), 1);
      document.title = pageTitle(shown);
    };
  }, [text, level]);
}
