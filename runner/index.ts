/** The library: judge a target from a program, read its report, judge it again, start the reference endpoint. */

export type { Level, Profile, Verdict } from '../core/protocol.js';
export type { Report, ReportContract, ReportExchange, ReportSummary, Result } from '../core/report.js';
export type { Finding, Requirement } from '../core/requirement.js';
export type { EndpointOptions } from '../reference/options.js';
export { type RunningEndpoint, type ServeOptions, startEndpoint } from '../reference/serve.js';
export { REPORTERS, type ReporterName } from '../reporters/index.js';
export type { RenderOptions } from '../reporters/options.js';
export { loadContract } from './contract/contracts.js';
export { exitCode } from './exit-code.js';
export { rejudge } from './judge/rejudge.js';
export { type RunOptions, type RunResult, run } from './run.js';
export type { FetchHandler } from './send/in-process.js';
export { UsageError } from './usage-error.js';
