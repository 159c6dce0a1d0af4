/** What a file holds, as calls to the backend take it. */
export async function base64Of(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

/** A file that the desktop gave in that way. */
export function fileOf(name: string, base64: string): File {
  return new File([Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))], name);
}
