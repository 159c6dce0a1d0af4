/** Exhausts a union: a case added later fails to compile here instead of falling through at run time. */
export function assertNever(value: never): never {
  throw new Error(`Unhandled case: ${JSON.stringify(value)}`);
}
