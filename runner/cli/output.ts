/** Standard output and standard error. Everything that a command prints goes through here, including errors. */

import { inert } from '../../core/visible.js';

/** Masks the secrets of this command as soon as they are known, by whose they are. */
const masks = new Map<string, (text: string) => string>();
const redact = (text: string): string => [...masks.values()].reduce((masked, mask) => mask(masked), text);

/**
 * Sets the function that masks secrets in everything that is printed or written from now on. It takes the place of an earlier one of
 * the same target.
 */
export function keepSecret(mask: (text: string) => string, target = ''): void {
  masks.set(target, mask);
}

/** The last check of a text before it leaves the process. */
export const withoutSecrets = (text: string): string => redact(text);

/** Prints the result of a command to standard output. */
export function print(text: string, withColors = false): void {
  process.stdout.write(inert(redact(text), withColors));
}

/** Prints what a command did: to standard error where its result, `--out -`, is on standard output. */
export const tell = (out: string | undefined, text: string): void => (out === '-' ? say(text.trimEnd()) : print(text));

/** Prints a message to standard error, after the name of the command. */
export function say(message: string): void {
  process.stderr.write(`messages-conformance: ${inert(redact(message))}\n`);
}

/** Prints text without making it inert: CI commands or a page. The caller has escaped foreign text in it. */
export function printAsIs(text: string): void {
  process.stdout.write(redact(text));
}

/**
 * Called first: nothing is masked yet. Ignores write errors, such as a closed pipe (`| head`) or a full disk; the exit status still says
 * how the run ended.
 */
export function beginOutput(): void {
  masks.clear();
  process.stdout.on('error', () => {});
  process.stderr.on('error', () => {});
}
