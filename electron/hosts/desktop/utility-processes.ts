import { utilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
import type { StagingChannel } from '../../backend/ports.ts';

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

export function spawnStaging(spillFolder: string): StagingChannel {
  const child = utilityProcess.fork(beside('./staging-process.js'), ['--spill', spillFolder], {
    serviceName: 'Longshore staging',
  });
  return {
    post: (message) => child.postMessage(message),
    onMessage: (listener) => void child.on('message', listener),
    onExit: (listener) => void child.on('exit', listener),
    kill: () => void child.kill(),
  };
}

let practiceOrg: Promise<{ url: string }> | null = null;

/** The practice org, once; it ends with the app. */
export function startPracticeOrg(data: string): Promise<{ url: string }> {
  practiceOrg ??= new Promise((resolve, reject) => {
    const child = utilityProcess.fork(beside('./practice-org.js'), ['--data', data, ...practicePace()], {
      serviceName: 'Longshore practice org',
    });
    child.once('message', (message: { url: string }) => resolve({ url: message.url }));
    child.once('exit', (code) => {
      practiceOrg = null;
      reject(new Error(`it ended with code ${code}`));
    });
  });
  return practiceOrg;
}

/** Tests and demonstrations set their own pace. */
function practicePace(): string[] {
  const pace = process.env['LONGSHORE_PRACTICE_ROWS_PER_SECOND'];
  return pace === undefined ? [] : ['--rows-per-second', pace, '--queue-delay', pace === '0' ? '0' : '400'];
}
