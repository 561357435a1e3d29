import type { GatewayAlterations, UpstreamApi } from '../../reference/gateway/stages.js';

/** A legal way in which a gateway may work. */
export interface GatewayVariant {
  id: string;
  /** What the gateway does otherwise than most, one sentence. */
  title: string;
  /** APIs of the upstream with which it makes sense. Absent: all. */
  speaks?: readonly UpstreamApi[];
  alterations: GatewayAlterations;
}
