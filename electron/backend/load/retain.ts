import { plural } from '../../../shared/text/counts.ts';
import { sweepFinished } from './sweep-finished.ts';
import type { BackendPorts } from '../ports.ts';
import type { Preferences } from '../settings/preferences.ts';

/** Removes what is kept for longer than the settings say, loads and what `others` keep, and notes that it did. What goes wrong keeps nobody from working. */
export async function retain(
  ports: Pick<BackendPorts, 'paths' | 'clock' | 'log'>,
  preferences: Preferences,
  others: readonly ((days: number) => Promise<number>)[] = [],
): Promise<void> {
  try {
    const { retentionDays } = preferences.current;
    if (retentionDays === null) return;
    for (const sweep of others) {
      const removed = await sweep(retentionDays);
      if (removed > 0)
        ports.log.info(`${plural(removed, 'merge')} of more than ${plural(retentionDays, 'day')} ago removed`);
    }
    const loads = await sweepFinished(ports, retentionDays);
    if (loads === 0) return;
    preferences.noteSweep({ at: ports.clock.now(), loads });
    ports.log.info(`${plural(loads, 'load')} that ended more than ${plural(retentionDays, 'day')} ago were removed`);
  } catch (error) {
    ports.log.error('loads past their time could not be removed', error);
  }
}
