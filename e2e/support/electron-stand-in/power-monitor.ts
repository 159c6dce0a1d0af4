import { EventEmitter } from 'node:events';

/** Electron's `powerMonitor`: `shutdown` may be prevented, which delays it ("powerMonitor"; lib/browser/api/power-monitor.ts). */
export const powerMonitor = new EventEmitter();
