import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { npm } from './npm.ts';

/**
 * All static checks, in two lanes that take about as long: each of them keeps no more than one processor busy. What a check has to
 * say is printed in one piece when it has ended, and all of them are run, so that one run tells everything.
 */
const LANES = [
  ['check:lint', 'check:layers'],
  ['check:types', 'check:format', 'check:dead-code'],
];

/** Lines of a check that are printed: one mistake may be found hundreds of times. */
const MOST_LINES = 60;

function firstLines(said: string, name: string): string {
  const lines = said.trimEnd().split('\n');
  const left = lines.length - MOST_LINES;
  if (left <= 0) return `${lines.join('\n')}\n`;
  return `${lines.slice(0, MOST_LINES).join('\n')}\n… and ${left} more lines: npm run ${name}\n`;
}

/** Runs one script of package.json and says whether it found nothing. */
async function passes(name: string): Promise<boolean> {
  const { command, args, shell } = npm(['run', '--silent', name]);
  const started = Date.now();
  const child = spawn(command, args, { shell, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [out, problems, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  process.stdout.write(
    `${name}: ${code === 0 ? 'passed' : 'FAILED'} after ${Math.round((Date.now() - started) / 1000)} s\n`,
  );
  if (code !== 0) process.stdout.write(firstLines(out + problems, name));
  return code === 0;
}

async function inTurn(names: readonly string[]): Promise<boolean> {
  let isRight = true;
  for (const name of names) isRight = (await passes(name)) && isRight;
  return isRight;
}

const lanes = await Promise.all(LANES.map(inTurn));
if (lanes.includes(false)) process.exitCode = 1;
