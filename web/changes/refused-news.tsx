// Tells whoever asked for an Apply, wherever they are, that it did not go live, and everybody else who looks at what waits.
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import { newlyRefused } from '../live/refused.ts';
import { announce } from '../parts/announce.ts';
import { useSession, useWorkspace } from '../screen/context.ts';
import { changes as changesWords } from '../strings/en-changes.ts';
import { whyRefused } from './refused-words.ts';

const text = changesWords.waiting;

/** `of`: one's own are told on every screen, those of others where somebody looks at what waits. */
export function RefusedNews({ of }: { of: 'me' | 'others' }) {
  const { me, named, nameOf } = useSession();
  const { waiting, docId } = useWorkspace();
  const navigate = useNavigate();
  const names = useRef(nameOf);
  names.current = nameOf;
  useEffect(() => {
    let before = waiting.glance.get().refused;
    return waiting.glance.subscribe(async () => {
      const { refused } = waiting.glance.get();
      const news = newlyRefused(before, refused ?? []).filter(
        ({ author }) => (author === me.user) === (of === 'me'),
      );
      before = refused ?? before;
      for (const one of news) {
        const whose = of === 'me' ? text.refusedYours : text.refusedOf(await named(one.author));
        announce(`${whose} ${whyRefused(one, names.current)}`, {
          label: text.toChanges,
          run: () => void navigate({ to: '/docs/$doc/changes', params: { doc: docId } }),
        });
      }
    });
  }, [waiting, me, of, named, navigate, docId]);
  return null;
}
