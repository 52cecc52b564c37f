// Above what is asked for again and again: that the last time failed, and how old what is shown is.

import type { Poll, Polled } from '../live/poll.ts';
import { Button } from '../parts/button.tsx';
import { failureSentence } from '../parts/failure.ts';
import { Banner } from '../parts/panel.tsx';
import { strings } from '../strings/strings.ts';

export function PolledBanner({
  polled: { failure, value, refresh },
}: {
  polled: Polled<unknown> & Pick<Poll<unknown>, 'refresh'>;
}) {
  if (failure === undefined) return null;
  return (
    <Banner tone="bad" actions={<Button onClick={refresh}>{strings.parts.tryAgain}</Button>}>
      {failureSentence(failure)} {value !== undefined && strings.parts.stale}
    </Banner>
  );
}
