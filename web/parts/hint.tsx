// What stands behind a word or a mark, shown to who points at it or comes to it by key.
import { Tooltip, TooltipAnchor, TooltipProvider } from '@ariakit/react';
import type { ReactElement, ReactNode } from 'react';
import tooltip from './tooltip.module.css';

export function Hint({
  text,
  isStop = true,
  children,
}: {
  text: ReactNode;
  /** Tab leads to it. What many rows have, and tells little more, would be in everybody's way. */
  isStop?: boolean;
  children: ReactElement;
}) {
  return (
    <TooltipProvider>
      <TooltipAnchor focusable={isStop} render={children} />
      <Tooltip className={tooltip.tooltip} gutter={6} unmountOnHide>
        {text}
      </Tooltip>
    </TooltipProvider>
  );
}
