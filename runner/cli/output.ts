/** Standard output and standard error. Whatever a command prints goes through here, its errors included. */

import { inert } from '../../core/visible.js';

/** Masks the secrets of this command, once they are known. */
let redact = (text: string): string => text;

/** From here on nothing is printed or written without its secrets masked. */
export function keepSecret(mask: (text: string) => string): void {
  redact = mask;
}

/** The last look at a text before it leaves the process, into a file or a stream. */
export const withoutSecrets = (text: string): string => redact(text);

/** What a command is asked for. `withColors`: as reporters write them. */
export function print(text: string, withColors = false): void {
  process.stdout.write(inert(redact(text), withColors));
}

/** A message beside it, on standard error, after the name of the command. */
export function say(message: string): void {
  process.stderr.write(`messages-conformance: ${inert(redact(message))}\n`);
}

/** Commands for a CI system, or a page: what is foreign in it was escaped by who wrote it. */
export function printAsIs(text: string): void {
  process.stdout.write(redact(text));
}

/** A reader that went away, as in `| head`, or a full disk behind `>`: the run ends as it would have ended, its status tells how. */
export function surviveClosedStreams(): void {
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
