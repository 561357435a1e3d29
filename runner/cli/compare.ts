import { compareReports, hasRegression } from '../../reporters/compare.js';
import { compareJson, compareMarkdown, compareTerminal } from '../../reporters/compare-text.js';
import { nearest, UsageError } from '../usage-error.js';
import { readReport, useColor, writeText } from './files.js';
import { print, printAsIs } from './output.js';

interface CompareOptions {
  format?: string;
  out?: string;
  color?: boolean;
  verbose?: boolean;
  allowUnjudged?: boolean;
}

const FORMATS = ['terminal', 'markdown', 'json', 'html'] as const;

/** `messages-conformance compare A.json B.json`: exit status 1 on a regression or a lost pass, 3 where the later run judged nothing. */
export async function compareCommand(before: string, after: string, options: CompareOptions): Promise<number> {
  const format = options.format ?? formatOf(options.out);
  if (!(FORMATS as readonly string[]).includes(format))
    throw new UsageError(`--format ${format}: there is no such format; ${nearest(format, FORMATS)}`);
  const comparison = compareReports(readReport(before), readReport(after), options.allowUnjudged);
  const color = useColor(options.color) && options.out === undefined;
  const text = {
    terminal: async () =>
      compareTerminal(comparison, { color, width: process.stdout.columns ?? 100, verbose: options.verbose }),
    markdown: async () => compareMarkdown(comparison),
    json: async () => compareJson(comparison),
    html: async () => (await import('../../reporters/html-compare.js')).compareHtml(comparison),
  };
  const shown = await text[format as (typeof FORMATS)[number]]();
  if (options.out !== undefined) writeText(options.out, shown);
  else if (format === 'html') printAsIs(shown);
  else print(shown, color && format === 'terminal');
  if (hasRegression(comparison)) return 1;
  return comparison.unjudged === null ? 0 : 3;
}

const formatOf = (file: string | undefined): string =>
  file?.endsWith('.html') ? 'html' : file?.endsWith('.md') ? 'markdown' : file?.endsWith('.json') ? 'json' : 'terminal';
