/** Requirements that no fault of the reference endpoint can make fail, each with the reason. */
export const WITHOUT_FAULT: Readonly<Record<string, string>> = {};
