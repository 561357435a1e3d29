/** Every form of the report. Modules are loaded when their form is asked for: a run that wants JUnit alone loads no page. */

import type { Report } from '../core/report.js';
import type { RenderOptions } from './options.js';

/** A piece of a text; `own` is text of the suite itself, such as the script of the page, in which no secret is looked for. */
export type Piece = string | { own: string };

export interface View {
  /** Name of the file in the output folder; `null` for what is printed. */
  file: string | null;
  /** It holds bodies of requests and answers: prompts, replies, whatever a target sent. */
  holdsBodies?: true;
  render(report: Report, options?: RenderOptions): Promise<string>;
  /** The same text piece by piece, where it may be too long to be held as a whole. */
  pieces?(report: Report): Promise<Iterable<Piece>>;
}

export interface Reporter extends View {
  /** What it is for, in half a sentence. */
  title: string;
  /** Further files of the same reporter. */
  also?: readonly View[];
}

export const REPORTER_NAMES = ['terminal', 'json', 'html', 'junit', 'markdown', 'sarif', 'github', 'badge'] as const;
export type ReporterName = (typeof REPORTER_NAMES)[number];

export const REPORTERS: Readonly<Record<ReporterName, Reporter>> = {
  terminal: {
    title: 'for the person who started the run',
    file: null,
    render: async (report, options) => (await import('./terminal.js')).terminal(report, options),
  },
  json: {
    title: 'the result document itself',
    file: 'report.json',
    holdsBodies: true,
    render: async (report) => (await import('./json.js')).json(report),
    pieces: async (report) => (await import('./json.js')).jsonPieces(report),
  },
  html: {
    title: 'one page to read, send and publish',
    file: 'index.html',
    holdsBodies: true,
    render: async (report) => (await import('./html.js')).html(report),
    pieces: async (report) => (await import('./html.js')).htmlPieces(report),
  },
  junit: {
    title: 'test results for CI systems',
    file: 'junit.xml',
    render: async (report) => (await import('./junit.js')).junit(report),
  },
  markdown: {
    title: 'a comment on a pull request',
    file: 'report.md',
    render: async (report, options) => (await import('./markdown.js')).markdown(report, options),
  },
  sarif: {
    title: 'code scanning alerts',
    file: 'report.sarif',
    holdsBodies: true,
    render: async (report) => (await import('./sarif.js')).sarif(report),
  },
  github: {
    title: 'annotations in the log of a GitHub workflow, and a summary of the job',
    file: null,
    render: async (report) => (await import('./github.js')).annotations(report),
    also: [
      {
        file: 'job-summary.md',
        render: async (report, options) => (await import('./github.js')).jobSummary(report, options),
      },
    ],
  },
  badge: {
    title: 'a badge for a readme',
    file: 'badge.json',
    render: async (report) => (await import('./badge.js')).badgeJson(report),
    also: [{ file: 'badge.svg', render: async (report) => (await import('./badge.js')).badgeSvg(report) }],
  },
};
