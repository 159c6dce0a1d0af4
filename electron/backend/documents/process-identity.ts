import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { systemCode } from './durable-file.ts';

/** Which process holds something, told so that a process id given out anew is not taken for it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The computer's name, for people: many a Mac takes another one from each network it joins. */
  readonly host: string;
  /** What the system calls the computer for good, hashed; null where it does not tell. */
  readonly machine: string | null;
  /** When it started, as its system writes that; null where the system does not tell. */
  readonly started: string | null;
}

const run = promisify(execFile);
const ASK_TIMEOUT = 5000;

/** When a process started, or null if it is gone or its system does not say. */
async function startOf(pid: number): Promise<string | null> {
  try {
    if (process.platform === 'linux') {
      const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
      // proc(5): field 22 counts clock ticks from the start of the system. The second field may hold spaces and brackets.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
      // Ticks begin anew with each start of the system, which has an id of its own (random(4)).
      const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
      return ticks === undefined ? null : `${boot.trim()} ${ticks}`;
    }
    const [command, args]: [string, string[]] =
      process.platform === 'win32'
        ? ['powershell.exe', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`]]
        : ['ps', ['-o', 'lstart=', '-p', String(pid)]];
    const { stdout } = await run(command, args, { timeout: ASK_TIMEOUT, env: { ...process.env, LC_ALL: 'C' } });
    return stdout.trim() || null;
  } catch {
    // Gone, or not ours to ask about: isGone() below decides what that means.
    return null;
  }
}

/** Where each system keeps the computer's own name: machine-id(5), the registry, the I/O registry of macOS. */
async function machineName(): Promise<string> {
  // Processes of another container of this computer can't be asked about: their ids are of another namespace (pid_namespaces(7)).
  if (process.platform === 'linux')
    return `${await readFile('/etc/machine-id', 'utf8')} ${await readlink('/proc/self/ns/pid')}`;
  const [command, args]: [string, string[]] =
    process.platform === 'win32'
      ? ['reg.exe', ['query', 'HKLM\\SOFTWARE\\Microsoft\\Cryptography', '/v', 'MachineGuid']]
      : ['ioreg', ['-rd1', '-c', 'IOPlatformExpertDevice']];
  const { stdout } = await run(command, args, { timeout: ASK_TIMEOUT });
  return /(?:MachineGuid\s+REG_SZ\s+|"IOPlatformUUID" = ")([\w-]+)/.exec(stdout)?.[1] ?? '';
}

/** machine-id(5) asks for the name to be hashed with one's own before it is written anywhere. */
async function machine(): Promise<string | null> {
  const name = await machineName().catch(() => '');
  if (name.trim() === '') return null;
  return createHash('sha256').update(`longshore ${name.trim()}`).digest('hex').slice(0, 32);
}

let own: Promise<ProcessIdentity> | null = null;

export function ownIdentity(): Promise<ProcessIdentity> {
  own ??= Promise.all([machine(), startOf(process.pid)]).then(([machine, started]) => ({
    pid: process.pid,
    host: hostname(),
    machine,
    started,
  }));
  return own;
}

/** Whether a process has certainly ended. One on another machine can't be asked, and counts as there. */
export async function isGone({ pid, host, machine, started }: ProcessIdentity): Promise<boolean> {
  const me = await ownIdentity();
  const here = machine === null || me.machine === null ? host === me.host : machine === me.machine;
  if (!here) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ESRCH') return true;
    // EPERM: there is one of that number, of another user; whether it is the same one, its start tells.
    if (code !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return started !== null && now !== null && now !== started;
}
