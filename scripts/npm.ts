/**
 * How npm is started. Where npm started this process its own script is known, and no shell reads the arguments; a shell takes
 * paths with spaces apart. Elsewhere Windows’ npm is a `.cmd` file, which nothing but a shell starts.
 */
export function npm(
  args: string[],
  script = process.env['npm_execpath'],
): { command: string; args: string[]; shell: boolean } {
  if (script?.endsWith('.js')) return { command: process.execPath, args: [script, ...args], shell: false };
  const shell = process.platform === 'win32';
  return { command: 'npm', args: shell ? args.map((arg) => `"${arg}"`) : args, shell };
}
