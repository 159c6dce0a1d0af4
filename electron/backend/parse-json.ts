/** The value of a JSON text, or null where it is none: a schema refuses that like any other wrong shape. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
