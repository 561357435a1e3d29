/** The catalogue of gateways: all families in the order of the report. */

import type { Requirement, Suite } from '../../core/requirement.js';
import { answersSuite } from './answers.js';
import { arrival } from './arrival.js';
import { clientSide } from './client-side.js';
import { requestTexts } from './request-texts.js';
import { streams } from './streams.js';
import { usageSuite } from './usage.js';

export const GATEWAY_SUITES: readonly Suite[] = [arrival, requestTexts, answersSuite, usageSuite, streams, clientSide];

export const GATEWAY_CATALOGUE: readonly Requirement[] = GATEWAY_SUITES.flatMap(({ requirements }) => requirements);
