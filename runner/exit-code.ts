import type { Report } from '../core/report.js';
import { outcome } from '../reporters/outcome.js';

const STATUS = { passed: 0, failed: 1, incomplete: 3, 'not-judged': 3 } as const;

/** 0: nothing failed, and enough was judged. 1: a failure that no baseline knows, a stale baseline, or with `strict` a warning. 3: see `outcome`. */
export const exitCode = (report: Report): number => STATUS[outcome(report)];
