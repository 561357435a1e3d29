import type { Verdict } from '../core/protocol.js';

const RED: readonly (Verdict | undefined)[] = ['fail', 'warn', 'error'];

/** Whether a verdict says that something is wrong. */
export const isRed = (verdict: Verdict | undefined): boolean => RED.includes(verdict);
