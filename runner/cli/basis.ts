import type { Report } from '../../core/report.js';
import type { Basis } from '../judge/rejudge.js';

/** What a report was judged with: one of a gateway has a catalogue and cases of its own. */
export async function basisOf({ target: { upstream } }: Report): Promise<Basis | undefined> {
  if (upstream === undefined) return undefined;
  const { gatewayBasis } = await import('../../gateway/basis.js');
  return gatewayBasis(upstream.speaks);
}
