import { failureText } from '../../../shared/text/failure-text.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openLog } from '../node-ports/log-file.ts';
import { random } from '../node-ports/system.ts';
import { watchUnexpected } from '../node-ports/unexpected.ts';

/** A process that goes wrong as its second argument says, with its log in the folder of its first. */
const [folder = '', how] = process.argv.slice(2);
const log = openLog(folder, new HostNotices((notice) => process.stdout.write(`${JSON.stringify(notice)}\n`)));
watchUnexpected(log, random, (failure) => {
  const { title, next } = failureText(failure);
  process.stdout.write(`${title} ${next}\n`);
  process.exit(3);
});
const secret = 'Bearer 00D000000000001!AQsecret';
if (how === 'exception') setTimeout(() => (null as unknown as { x: () => void }).x());
if (how === 'rejection') {
  void Promise.reject(new Error(`nobody awaits me, ${secret}`, { cause: { step: 'CLOSING' } }));
  setTimeout(() => process.stdout.write(`still here, log ${log.place}\n`), 50);
}
