/** What shows whether an optional part of the protocol is there at all: everything else of that part rests on it. */

import type { Profile } from '../../core/protocol.js';
import { PROFILE_PROBES } from './profile-probes.js';

/** Profiles that a target may well do without. */
export const OPTIONAL_PROFILES: readonly Profile[] = [
  'vision',
  'documents',
  'thinking',
  'caching',
  'structured-output',
  'count-tokens',
  'models',
  'batches',
];

/** Of these, the ones that a target may accept and ignore: then nothing else of them can be judged either. */
const MAY_BE_IGNORED: readonly Profile[] = ['vision', 'documents', 'thinking', 'structured-output'];

/** Optional profiles with endpoints of their own: where the first request is rejected, no other is sent. */
export const ENDPOINT_PROFILES: readonly Profile[] = ['count-tokens', 'models', 'batches'];

/** The requirement that shows whether what a requirement is about is there. */
export interface Base {
  /** Id of that requirement. */
  requirement: string;
  /** What is offered or not, in the words of a headline. */
  part: string;
  /** That it was accepted and ignored shows that it is not there, too. */
  mayBeIgnored: boolean;
}

/** `null` for requirements that rest on nothing, the bases themselves among them. */
export function baseOf({ id, profile }: { id: string; profile: Profile }): Base | null {
  const base = id.startsWith('files.')
    ? { requirement: 'files.upload', part: 'files', mayBeIgnored: false }
    : OPTIONAL_PROFILES.includes(profile)
      ? {
          requirement: PROFILE_PROBES[profile]!.requirement,
          part: profile,
          mayBeIgnored: MAY_BE_IGNORED.includes(profile),
        }
      : null;
  return base?.requirement === id ? null : base;
}

/** Parts of the protocol by the requirement that shows them. */
export const PARTS: ReadonlyMap<string, string> = new Map([
  ...OPTIONAL_PROFILES.map((profile) => [PROFILE_PROBES[profile]!.requirement, profile] as const),
  ['files.upload', 'files'],
]);
