/** Requirements that came after the first release, by the minor version that brought them: a new MUST warns for that one minor version. */

import type { Requirement } from '../../core/requirement.js';

/** `{ 'stream.order.example': '0.2' }`. A line may go once the version after next is out. */
export const SINCE: Readonly<Record<string, string>> = {};

/** Whether a requirement is a MUST that came with the minor version of `version`: whoever updates to it has not seen it before. */
export const isNewMust = (
  { id, level }: Pick<Requirement, 'id' | 'level'>,
  version: string,
  since: Readonly<Record<string, string>> = SINCE,
): boolean => level === 'MUST' && Object.hasOwn(since, id) && since[id] === minorOf(version);

/** `0.2` of `0.2.5` and of `0.2.0-rc.1`. */
export const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');
