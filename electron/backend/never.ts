/** For what no one calls off. */
export const NEVER: AbortSignal = new AbortController().signal;
