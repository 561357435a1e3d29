/** Words of a command line as a POSIX shell reads them. */

/** A word in which no character means anything to a shell stands as it is; any other goes between single quotes. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : shellQuoted(word));

/** A text between single quotes, whatever it is. */
export const shellQuoted = (text: string): string => `'${insideQuotes(text)}'`;

/** The same without the quotes around it. */
export const insideQuotes = (text: string): string => text.replaceAll("'", "'\\''");
