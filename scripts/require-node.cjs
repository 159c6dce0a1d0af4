'use strict';

// Loaded before any script, by whatever Node there is, so in what every Node understands: an older one can't read TypeScript and
// would answer with a stack trace.
var major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    'Longshore needs Node 24 or newer, and this is Node ' +
      process.versions.node +
      '. “npm ci” brings one along for most systems; else install it from https://nodejs.org.\n',
  );
  process.exit(1);
}
