// Who is there to run pipelines: asked of the scheduler, whose nodes they are. An Apply never waits long for it and never fails
// without it: where the answer is missing, placements are not looked at.
import { GetPlaces } from '@hakiri/contracts/subjects';
import type { KnownPlaces } from '@hakiri/manifest/check-placement';
import { errorFields, type Logger } from '@hakiri/service/logger';
import type { Cause, Messaging } from '@hakiri/service/messaging';
import { BusError } from '@hakiri/substrate/bus';
import type { Clock } from '@hakiri/substrate/clock';

const ANSWER_LIMIT_MS = 500;
/** So long nobody asks a scheduler that did not answer in time. */
const REST_MS = 5_000;

/** Undefined while it is not known, and before the first node was seen. */
export type Places = (team: string, cause: Cause) => Promise<KnownPlaces | undefined>;

export function createPlaces(deps: {
  messaging: Pick<Messaging, 'request'>;
  clock: Clock;
  logger: Logger;
}): Places {
  const { messaging, clock, logger } = deps;
  let restsUntilMs = 0;

  return async (team, cause) => {
    if (clock.now() < restsUntilMs) return undefined;
    try {
      const { places } = await messaging.request(GetPlaces, { team }, cause, {}, ANSWER_LIMIT_MS);
      return places && places.nodes.length > 0 ? places : undefined;
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      if (error.kind !== 'no_responder') restsUntilMs = clock.now() + REST_MS;
      logger.debug('places_unknown', { team, ...errorFields(error) });
      return undefined;
    }
  };
}
