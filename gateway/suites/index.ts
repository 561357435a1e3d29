/** The catalogue of gateways: all families in the order of the report. */

import type { Requirement, Suite } from '../../core/requirement.js';
import { answersSuite } from './answers.js';
import { arrival } from './arrival.js';
import { clientSide } from './client-side.js';
import { errors } from './errors.js';
import { operations } from './operations.js';
import { requestSettings } from './request-settings.js';
import { requestTexts } from './request-texts.js';
import { requestTools } from './request-tools.js';
import { streams } from './streams.js';
import { usageSuite } from './usage.js';

export const GATEWAY_SUITES: readonly Suite[] = [
  arrival,
  requestTexts,
  requestTools,
  requestSettings,
  answersSuite,
  usageSuite,
  streams,
  errors,
  operations,
  clientSide,
];

export const GATEWAY_CATALOGUE: readonly Requirement[] = GATEWAY_SUITES.flatMap(({ requirements }) => requirements);
