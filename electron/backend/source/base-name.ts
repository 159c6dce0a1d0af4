/** A file's name without its ending: what the files made from it are named by. */
export function baseName(fileName: string): string {
  return fileName.replace(/\.[^.]*$/, '');
}
