/** Requirements that no fault of the reference endpoint can show, each with the reason. */
export const WITHOUT_FAULT: Readonly<Record<string, string>> = {};
