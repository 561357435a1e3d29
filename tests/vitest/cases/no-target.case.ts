import { conformance } from '../../../runner/vitest/index.js';

conformance({ url: process.env.THE_URL_THAT_NOBODY_SET, model: 'm' });
