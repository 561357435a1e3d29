/** The gateway cannot carry a request over: its message names what the upstream's API has no place for. */
export class CannotCarry extends Error {}

/** Throws because the upstream's API has no place for this. */
export function cannotCarry(what: string, why = 'the upstream of this gateway has no place for it'): never {
  throw new CannotCarry(`${what}: ${why}`);
}
