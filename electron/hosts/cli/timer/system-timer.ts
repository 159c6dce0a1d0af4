import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { FailureError } from '../../../../shared/contract/failure.ts';
import { agentLabel, launchAgent } from './launch-agent.ts';
import { serviceUnit, timerUnit } from './systemd-units.ts';
import { taskPath, taskXml } from './task-xml.ts';
import type { TimerEntry } from './timer-entry.ts';

/** A command of the system's that takes longer hangs, in milliseconds. */
const ANSWERS_WITHIN = 30_000;

/** The timer of a system: an entry is written there, and removed. */
export interface SystemTimer {
  /** What it is called where a person reads it. */
  readonly called: string;
  /** In the place of the one of that name. Throws `NOT_SUPPORTED` where the system doesn't take it: nothing is left behind then. */
  install(entry: TimerEntry): Promise<void>;
  /** Whether there was one. Throws `NOT_SUPPORTED` where the system doesn't let it go. */
  remove(name: string): Promise<boolean>;
  has(name: string): Promise<boolean>;
}

/** Null on systems that have none that is known here. */
export function systemTimer(platform: NodeJS.Platform): SystemTimer | null {
  switch (platform) {
    case 'linux':
      return SYSTEMD;
    case 'darwin':
      return LAUNCHD;
    case 'win32':
      return TASK_SCHEDULER;
    default:
      return null;
  }
}

/** systemd looks for a user's units there (systemd.unit(5), "User Unit Search Path"). */
function unitPath(name: string, kind: 'service' | 'timer'): string {
  const config = process.env['XDG_CONFIG_HOME'];
  return join(config ? config : join(homedir(), '.config'), 'systemd', 'user', `${name}.${kind}`);
}

const SYSTEMD: SystemTimer = {
  called: 'a systemd user timer',
  install: async (entry) => {
    await write(unitPath(entry.name, 'service'), serviceUnit(entry));
    await write(unitPath(entry.name, 'timer'), timerUnit(entry));
    try {
      await ask('systemctl', ['--user', 'daemon-reload']);
      await ask('systemctl', ['--user', 'enable', '--now', `${entry.name}.timer`]);
    } catch (error) {
      await removeUnits(entry.name);
      throw error;
    }
  },
  remove: async (name) => {
    if (!(await isThere(unitPath(name, 'timer')))) return false;
    await ask('systemctl', ['--user', 'disable', '--now', `${name}.timer`]);
    await removeUnits(name);
    await ask('systemctl', ['--user', 'daemon-reload']);
    return true;
  },
  has: (name) => isThere(unitPath(name, 'timer')),
};

async function removeUnits(name: string): Promise<void> {
  for (const kind of ['timer', 'service'] as const) await rm(unitPath(name, kind), { force: true });
}

function agentPath(name: string): string {
  return join(homedir(), 'Library', 'LaunchAgents', `${agentLabel({ name })}.plist`);
}

const LAUNCHD: SystemTimer = {
  called: 'a launch agent',
  install: async (entry) => {
    const path = agentPath(entry.name);
    // One of that name is loaded no second time.
    if (await isThere(path))
      await ask('launchctl', ['bootout', `${userDomain()}/${agentLabel(entry)}`]).catch(() => null);
    await write(path, launchAgent(entry));
    try {
      await ask('launchctl', ['bootstrap', userDomain(), path]);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  },
  remove: async (name) => {
    const path = agentPath(name);
    if (!(await isThere(path))) return false;
    // Its file goes first: it would be loaded again with the next sign-in.
    await rm(path, { force: true });
    await ask('launchctl', ['bootout', `${userDomain()}/${agentLabel({ name })}`]);
    return true;
  },
  has: (name) => isThere(agentPath(name)),
};

function userDomain(): string {
  return `gui/${userInfo().uid}`;
}

const TASK_SCHEDULER: SystemTimer = {
  called: 'a task of Task Scheduler',
  install: async (entry) => {
    const folder = await mkdtemp(join(tmpdir(), 'longshore-task-'));
    try {
      const path = join(folder, 'task.xml');
      // As it says of itself, with its byte order mark.
      await writeFile(path, `\uFEFF${taskXml(entry)}`, 'utf16le');
      await ask('schtasks', ['/create', '/xml', path, '/tn', taskPath(entry), '/f']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
  remove: async (name) => {
    if (!(await TASK_SCHEDULER.has(name))) return false;
    await ask('schtasks', ['/delete', '/tn', taskPath({ name }), '/f']);
    return true;
  },
  has: (name) =>
    ask('schtasks', ['/query', '/tn', taskPath({ name })]).then(
      () => true,
      () => false,
    ),
};

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { mode: 0o600 });
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Throws `NOT_SUPPORTED` with what the system says. */
function ask(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(program, [...words], { timeout: ANSWERS_WITHIN, windowsHide: true }, (error, _stdout, stderr) => {
      if (!error) return resolve();
      const says = stderr.trim() === '' ? error.message : stderr.trim();
      reject(
        new FailureError({
          code: 'NOT_SUPPORTED',
          what: `a timer of this system (${program}: ${says.split('\n')[0]?.slice(0, 300)})`,
          instead: 'Have cron, or whatever starts programs here, call “longshore job due” every few minutes.',
        }),
      );
    });
  });
}
