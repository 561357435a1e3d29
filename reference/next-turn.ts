/** Captured before tests of clients replace timers. */
const immediate = setImmediate;

/** Lets the event loop turn once, so that other requests are answered. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void immediate(resolve));
