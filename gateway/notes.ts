/** What a run says of its gateway besides verdicts: how often it was started again, and what its upstream let pass. */

const MOST_SHOWN = 3;

/** @param outages Exchanges after which its process had ended. */
export function outagesNoted(outages: readonly string[]): string[] {
  const { length } = outages;
  if (length === 0) return [];
  const shown = outages.slice(0, MOST_SHOWN).join(', ');
  const more = length > MOST_SHOWN ? ` and ${length - MOST_SHOWN} more` : '';
  return [
    `The gateway's process ended ${length === 1 ? 'once' : `${length} times`} and was started again: after ${shown}${more}.`,
  ];
}

/** @param stalls Cases after which it served nothing until it was started anew. */
export function stallsNoted(stalls: readonly string[], recoveryMs: number): string[] {
  if (stalls.length === 0) return [];
  return [
    `The gateway did not serve again within ${Math.round(recoveryMs / 1000)} s, and was started anew, after ${stalls.join(', ')}. Pools take an account out of service whose key was rejected.`,
  ];
}

/** @param lines What even its plainest request would have been rejected for. */
export function overlookedNoted(lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const isFields = lines.every((line) => line.includes('expected no field of this name'));
  const advice = isFields
    ? ' If the upstream that it is made for takes them: gateway.upstream.fields of a contract.'
    : '';
  return [
    `The API of the upstream rejects every request of this gateway, the plainest too: ${lines.join(' ')} So that the rest could be judged, the suite's upstream let that pass.${advice}`,
  ];
}
