import { openDesktopVault } from '../desktop/desktop-vault.ts';
import { openSettings } from '../desktop/settings.ts';
import { dataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';

/** The desktop's vault in a process of its own: sets a secret where one is given, and answers with what it reads, and where from. */
const [name = '', value] = process.argv.slice(2);
const log = { place: '', info: () => undefined, error: () => undefined };
const notices = new HostNotices(() => undefined);
const settings = await openSettings(dataFolder(), { log, notices });
const secrets = await openDesktopVault(settings, notices);
if (value !== undefined) await secrets.vault.set(name, value);
const read = await secrets.vault.get(name).catch((error: unknown) => String(error));
process.send?.({ kind: secrets.store(), read }, () => process.exit(0));
