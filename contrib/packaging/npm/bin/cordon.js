#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0
//
// Finds the programs for this processor, which are a package of their own
// that npm has chosen, and becomes the command.  Nothing is downloaded and
// nothing runs when the package is installed.
'use strict';

const path = require('path');

const name = `@cordon-agent/linux-${process.arch}`;

function find() {
  try {
    return path.join(path.dirname(require.resolve(`${name}/package.json`)),
      'bin', 'cordon');
  } catch {
    console.error(`cordon: the package ${name} is not installed;` +
      ' install again without --omit=optional');
    process.exit(69);
  }
}

const file = find();
const args = process.argv.slice(2);

if (typeof process.execve === 'function') {
  process.execve(file, ['cordon', ...args], process.env);
} else {
  const child = require('child_process').spawn(file, args,
    { stdio: 'inherit' });

  // The terminal sends its signals to both; what is sent to us alone is
  // passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'])
    process.on(signal, () => { child.kill(signal); });
  child.on('error', (e) => {
    console.error(`cordon: ${file}: ${e.message}`);
    process.exit(69);
  });
  child.on('exit', (code, signal) => {
    if (signal === null)
      process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
