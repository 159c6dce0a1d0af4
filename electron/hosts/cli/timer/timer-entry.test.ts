import { XMLParser } from 'fast-xml-parser';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentLabel, launchAgent } from './launch-agent.ts';
import { serviceUnit, timerUnit } from './systemd-units.ts';
import { taskPath, taskXml, windowsWord } from './task-xml.ts';
import { entryName, isPlain, xmlText, type TimerEntry } from './timer-entry.ts';

const ENTRY: TimerEntry = {
  name: 'longshore-0a1b2c3d',
  command: ['/opt/node 24/node', '/opt/longshore.mjs', 'job', 'due', '--data', '/home/ann/50 % "of" $HOME & <more>'],
  everyMinutes: 5,
};

test('the units of a systemd user timer', () => {
  expect(serviceUnit(ENTRY)).toBe(`[Unit]
Description=Longshore: run the jobs that are due

[Service]
Type=oneshot
ExecStart="/opt/node 24/node" "/opt/longshore.mjs" "job" "due" "--data" "/home/ann/50 %% \\"of\\" $$HOME & <more>"
KillSignal=SIGINT
`);
  expect(timerUnit(ENTRY)).toBe(`[Unit]
Description=Longshore: look every 5 minutes for jobs that are due

[Timer]
OnCalendar=*:0/5
AccuracySec=10s
Persistent=true

[Install]
WantedBy=timers.target
`);
});

test('the property list of a launch agent', () => {
  expect(agentLabel(ENTRY)).toBe('com.longshore.longshore-0a1b2c3d');
  expect(launchAgent(ENTRY)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>com.longshore.longshore-0a1b2c3d</string>
  <key>ProgramArguments</key>
  <array>
    <string>/opt/node 24/node</string>
    <string>/opt/longshore.mjs</string>
    <string>job</string>
    <string>due</string>
    <string>--data</string>
    <string>/home/ann/50 % &quot;of&quot; $HOME &amp; &lt;more&gt;</string>
  </array>
  <key>StartInterval</key>
  <integer>300</integer>
  <key>RunAtLoad</key>
  <true/>
</dict>
</plist>
`);
});

test('the task of Task Scheduler', () => {
  expect(taskPath(ENTRY)).toBe('\\Longshore\\longshore-0a1b2c3d');
  const xml = taskXml({
    ...ENTRY,
    command: ['C:\\Program Files\\node.exe', 'C:\\l.mjs', '--data', 'D:\\data of "Ann"\\'],
  });
  const { Task } = new XMLParser({ ignoreAttributes: false }).parse(xml) as {
    Task: { Actions: { Exec: object }; Settings: object; Triggers: { TimeTrigger: object } };
  };
  expect(Task.Actions.Exec).toEqual({
    Command: 'C:\\Program Files\\node.exe',
    Arguments: 'C:\\l.mjs --data "D:\\data of \\"Ann\\"\\\\"',
  });
  expect(Task.Triggers.TimeTrigger).toMatchObject({ Repetition: { Interval: 'PT5M' } });
  expect(Task.Settings).toMatchObject({
    MultipleInstancesPolicy: 'IgnoreNew',
    DisallowStartIfOnBatteries: false,
    ExecutionTimeLimit: 'PT0S',
  });
});

/** As CommandLineToArgvW takes a command line apart, by its documentation. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let isQuoted = false;
  for (let at = 0; at < line.length;) {
    const [slashes = ''] = /^\\*/.exec(line.slice(at)) ?? [];
    const next = line[at + slashes.length];
    if (slashes !== '') {
      const halved = next === '"' ? '\\'.repeat(Math.floor(slashes.length / 2)) : slashes;
      const isMark = next === '"' && slashes.length % 2 === 1;
      word = (word ?? '') + halved + (isMark ? '"' : '');
      at += slashes.length + (isMark ? 1 : 0);
    } else if (next === '"') {
      isQuoted = !isQuoted;
      word ??= '';
      at += 1;
    } else if (next === ' ' && !isQuoted) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
    } else {
      word = (word ?? '') + (next ?? '');
      at += 1;
    }
  }
  return word === null ? words : [...words, word];
}

test('words of a Windows command line come apart as they were', () => {
  const word = fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', 'ü'), maxLength: 8 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      expect(wordsOf(words.map(windowsWord).join(' '))).toEqual(words);
    }),
    { numRuns: 1000 },
  );
});

test('any text stands in XML as itself; a data folder has one entry; what has no place in a line is not plain', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => isPlain(text)),
      (text) => {
        const parsed = new XMLParser({ trimValues: false, parseTagValue: false }).parse(`<a>${xmlText(text)}</a>`) as {
          a: string;
        };
        expect(parsed.a).toBe(text);
      },
    ),
  );
  expect(entryName('/home/ann/data')).toBe(entryName('/home/ann/data'));
  expect(entryName('/home/ann/data')).not.toBe(entryName('/home/ann/other'));
  expect(isPlain('/data\nExecStart=rm')).toBe(false);
});
