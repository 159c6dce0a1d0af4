/** A command that can't be carried out as it was given; the message says what it lacks. */
export class UsageError extends Error {}
