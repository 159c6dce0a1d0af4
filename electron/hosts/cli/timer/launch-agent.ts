import { xmlText, type TimerEntry } from './timer-entry.ts';

/** How launchd knows an entry. */
export function agentLabel({ name }: Pick<TimerEntry, 'name'>): string {
  return `com.longshore.${name}`;
}

/**
 * A property list of a launch agent. It is started every so many seconds, and once for all that passed while the computer slept; one that
 * runs is not started once more (launchd.plist(5), `StartInterval`). Pure.
 */
export function launchAgent(entry: TimerEntry): string {
  const words = entry.command.map((word) => `    <string>${xmlText(word)}</string>`).join('\n');
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${xmlText(agentLabel(entry))}</string>
  <key>ProgramArguments</key>
  <array>
${words}
  </array>
  <key>StartInterval</key>
  <integer>${entry.everyMinutes * 60}</integer>
  <key>RunAtLoad</key>
  <true/>
</dict>
</plist>
`;
}
