import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { buildConfig } from './pack/release-settings.ts';

/** Builds the installers of this system, or of those named: `npm run dist -- --win --arm64`. See docs/releasing.md. */
const ROOT = fileURLToPath(new URL('..', import.meta.url));

function node(...args: string[]): void {
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const settings = buildConfig(process.env);
if ('problem' in settings) {
  process.stderr.write(`${settings.problem}\n`);
  process.exit(1);
}
process.stdout.write(`${settings.says.join('\n')}\n`);
node('scripts/build.ts');
node('node_modules/electron-builder/cli.js', '--publish', 'never', ...settings.args, ...process.argv.slice(2));
