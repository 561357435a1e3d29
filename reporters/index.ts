/** All reporters. Each module is loaded only when its format is needed: a run that writes only JUnit loads no HTML page. */

import type { Report } from '../core/report.js';
import type { RenderOptions } from './options.js';

/** A piece of a text. `own` is the suite's own text, such as the page's script; it is not searched for secrets. */
export type Piece = string | { own: string };

export interface View {
  /** File name in the output folder; `null` for standard output. */
  file: string | null;
  /** The file contains request and response bodies: prompts, replies, anything a target sent. */
  holdsBodies?: true;
  render(report: Report, options?: RenderOptions): Promise<string>;
  /** The same text in pieces, for formats that can be too long for one string. */
  pieces?(report: Report): Promise<Iterable<Piece>>;
}

export interface Reporter extends View {
  /** Its purpose in a few words. */
  title: string;
  /** More files of the same reporter. */
  also?: readonly View[];
}

export const REPORTER_NAMES = [
  'terminal',
  'json',
  'html',
  'junit',
  'markdown',
  'sarif',
  'github',
  'badge',
  'openmetrics',
] as const;
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
  openmetrics: {
    title: 'metrics for Prometheus and the textfile collector of node_exporter',
    file: 'metrics.prom',
    render: async (report) => (await import('./openmetrics.js')).openMetrics(report),
  },
  badge: {
    title: 'a badge for a readme',
    file: 'badge.json',
    render: async (report) => (await import('./badge.js')).badgeJson(report),
    also: [{ file: 'badge.svg', render: async (report) => (await import('./badge.js')).badgeSvg(report) }],
  },
};
