import { utilityProcess } from 'electron';
import { fileURLToPath } from 'node:url';
import type { Log, StagingChannel } from '../../backend/ports.ts';
import { STAGING_V8_FLAGS, stagingEnvironment } from '../node-ports/staging-limits.ts';

export function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

/**
 * The staging engine in a utility process. What Node takes as flags of V8 Electron takes as one switch of Chromium's, which it
 * gives to V8 before there is an isolate (electron: `WithExtraCommandLineSwitches` in shell/browser/api/electron_api_utility_process.cc,
 * `--js-flags` in shell/browser/javascript_environment.cc); flags on their own would only be listed in `process.execArgv`.
 */
export function stagingSpawner(log: Log): (spillFolder: string) => StagingChannel {
  return (spillFolder) => {
    const child = utilityProcess.fork(beside('./staging-process.js'), ['--spill', spillFolder], {
      serviceName: 'Longshore staging',
      execArgv: [`--js-flags=${STAGING_V8_FLAGS.join(' ')}`],
      env: stagingEnvironment(),
    });
    // The report that comes with it holds the whole environment, which no log should.
    child.on('error', (type, location) =>
      log.error('the staging process can’t go on', new Error(`${type} in ${location}`)),
    );
    return {
      post: (message) => child.postMessage(message),
      onMessage: (listener) => void child.on('message', listener),
      onExit: (listener) => void child.on('exit', listener),
      kill: () => void child.kill(),
    };
  };
}
