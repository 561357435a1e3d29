/** Quotes words for a POSIX shell. */

/** A word without special characters stays as it is; any other is quoted. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellQuoted(word));

/** Any text in single quotes. */
export const shellQuoted = (text: string): string => `'${insideQuotes(text)}'`;

/** The same without the outer quotes. */
export const insideQuotes = (text: string): string => text.replaceAll("'", "'\\''");
