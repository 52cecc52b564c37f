// The pipelines that refer to a variable, and the fields in which they do: each a link to its place.
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useStore, useTopic } from '../../live/use-store.ts';
import type { VariableUse } from '../../live/variable-uses.ts';
import { Button } from '../../parts/button.tsx';
import { Badge } from '../../parts/panel.tsx';
import { useWorkspace } from '../../screen/context.ts';
import { strings } from '../../strings/strings.ts';
import { fieldLabel } from '../../together/field-label.ts';
import classes from './variables.module.css';

const text = strings.editor.variables;
const SHOWN = 3;

export function UsesCell({ name }: { name: string }) {
  const { variableUses } = useWorkspace();
  const isKnown = useStore(variableUses.isKnown);
  const uses = useTopic(variableUses.subscribe, name, variableUses.of);
  const [isOpen, setOpen] = useState(false);
  if (uses.length === 0)
    return isKnown ? (
      <Badge tone="warn">{text.unused}</Badge>
    ) : (
      <span className={classes.faint}>{text.looking}</span>
    );
  const shown = isOpen ? uses : uses.slice(0, SHOWN);
  return (
    <>
      <ul aria-label={text.usesOf(name)} className={classes.uses}>
        {shown.map((use) => (
          <Use key={use.pipeline} use={use} />
        ))}
      </ul>
      {uses.length > shown.length && (
        <Button look="quiet" onClick={() => setOpen(true)}>
          {text.moreUses(uses.length - shown.length)}
        </Button>
      )}
    </>
  );
}

function Use({ use: { pipeline, paths } }: { use: VariableUse }) {
  const { docId, pipelines } = useWorkspace();
  const head = useTopic(pipelines.subscribe, pipeline, pipelines.head);
  const to = { to: '/docs/$doc/pipelines/$key', params: { doc: docId, key: pipeline } } as const;
  return (
    <li>
      <Link {...to}>{head?.id || pipeline}</Link>
      {': '}
      {paths.map((path, index) => (
        <span key={path}>
          {index > 0 && ', '}
          <Link {...to} search={{ field: path.slice(1) }}>
            {labelOf(path)}
          </Link>
        </span>
      ))}
    </li>
  );
}

function labelOf(path: string): string {
  const body = /^\/transforms\/(\d+)\/body$/.exec(path)?.[1];
  if (body !== undefined) return text.body(Number(body) + 1);
  const parts = path.slice(1).split('/');
  return fieldLabel(parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')).join('.'));
}
