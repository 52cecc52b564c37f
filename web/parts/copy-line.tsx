// Something to hand on, such as a link or a token: shown whole, selected on a press, and copied where the browser lets us.
import { useState } from 'react';
import { strings } from '../strings/strings.ts';
import { announce } from './announce.ts';
import { Button } from './button.tsx';
import classes from './copy-line.module.css';
import { TextField } from './field.tsx';

export function CopyLine({ label, value, hint }: { label: string; value: string; hint?: string }) {
  const [isCopied, setCopied] = useState(false);
  // A page without https has no clipboard: what is selected is copied by the keyboard.
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(value);
    setCopied(true);
    announce(strings.parts.copied);
  };
  return (
    <div className={classes.line}>
      <TextField
        label={label}
        value={value}
        hint={hint}
        readOnly
        isMono
        onFocus={(event) => event.target.select()}
      />
      {navigator.clipboard && (
        <Button look="primary" onClick={copy}>
          {isCopied ? strings.parts.copied : strings.parts.copy}
        </Button>
      )}
    </div>
  );
}
