/** A report as data that is kept: verdicts of everything, findings of what failed or warned, nothing of this machine. */

/** Findings that are kept of one requirement. */
const MOST = 3;
/** Longest text that is kept, in characters. */
const LONGEST = 300;

const PATHS = /\/(tmp|root|home|Users|var)\/[^\s"')\\…]*…?/g;

/** @param names Words of this machine, each with what stands in their place: folders, ports. */
export function compact(report, { server, mode, version, upstream, measured, runtime }, names) {
  const clean = (text) => {
    const named = Object.entries(names).reduce((all, [word, name]) => all.replaceAll(word, name), text);
    // Findings are excerpts, and may have half a path.
    const anonymous = named.replace(PATHS, '…');
    return anonymous.length > LONGEST ? `${anonymous.slice(0, LONGEST)}…` : anonymous;
  };
  const where = ({ at, exchange }) =>
    [exchange, at?.event === undefined ? '' : `event ${at.event}`, at?.pointer || at?.header || '']
      .filter((part) => part)
      .join(', ');
  const { summary } = report;
  const counts = Object.fromEntries(
    ['pass', 'fail', 'warn', 'declined', 'inconclusive', 'skipped', 'error', 'silent'].map((name) => [
      name,
      summary[name],
    ]),
  );
  const results = report.results.map(({ id, level, verdict, silent, statement, findings }) => {
    if (verdict !== 'fail' && verdict !== 'warn') return [id, verdict];
    return [
      id,
      {
        verdict,
        level,
        ...(silent ? { silent } : {}),
        statement,
        findings: findings.slice(0, MOST).map((finding) => ({
          message: clean(finding.message),
          expected: clean(finding.expected),
          actual: clean(finding.actual),
          where: where(finding),
        })),
        ...(findings.length > MOST ? { further: findings.length - MOST } : {}),
      },
    ];
  });
  const causes = report.causes.map(({ title, requirements }) => ({ title: clean(title), requirements }));
  return {
    server,
    version,
    mode,
    measured,
    suite: report.suite.version,
    contract: report.contract.name,
    runtime,
    upstream,
    requests: summary.requests,
    counts,
    causes,
    results: Object.fromEntries(results),
  };
}
