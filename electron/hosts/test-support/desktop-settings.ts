import { openSettings } from '../desktop/settings.ts';
import { dataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';

/** The desktop's settings in a process of their own: sets what it is sent, and answers with what there is to say of it. */
const notices = new HostNotices(() => undefined);
const log = { place: '', info: () => undefined, error: () => undefined };
const opened = openSettings(dataFolder(), { log, notices });
process.on('message', ({ key, value }: { key: string; value: unknown }) => {
  void opened.then(async (settings) => {
    settings.set(key, value);
    await settings.flush();
    process.send?.(notices.all());
  });
});
process.on('disconnect', () => process.exit(0));
