// Short news in the corner, read out by a screen reader, gone by itself.
import { X } from 'lucide-react';
import { useStore } from '../live/use-store.ts';
import { dismiss, news } from '../parts/announce.ts';
import { Button, IconButton } from '../parts/button.tsx';
import { strings } from '../strings/strings.ts';
import classes from './news.module.css';

export function NewsCorner() {
  const items = useStore(news);
  return (
    <div className={classes.corner} role="status" aria-live="polite">
      {items.map(({ id, text, action }) => (
        <div key={id} className={classes.item}>
          <span>{text}</span>
          {action && (
            <Button look="quiet" onClick={action.run}>
              {action.label}
            </Button>
          )}
          <IconButton label={strings.parts.dismiss} onClick={() => dismiss(id)}>
            <X aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
