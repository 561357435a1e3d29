/** How a family of gateway requirements writes its members: each looks at pairs of one kind. */

import type { Judge, Requirement } from '../../core/requirement.js';
import type { Fault } from './texts.js';

type Look<Pair> = (pair: Pair) => Fault | null;

/** Makes the function that writes a MUST of a family. `judged`: the judge for a look at a pair; `family`: what its members have in common. */
export const requirementsBy =
  <Pair, Options>(
    judged: (look: Look<Pair>, options?: Options) => Judge,
    family: Pick<Requirement, 'profile' | 'source'>,
  ) =>
  (
    id: string,
    fixtures: readonly string[],
    statement: string,
    look: Look<Pair>,
    { options, ...rest }: Partial<Requirement> & { options?: Options } = {},
  ): Requirement => ({ id, level: 'MUST', ...family, statement, fixtures, judge: judged(look, options), ...rest });
