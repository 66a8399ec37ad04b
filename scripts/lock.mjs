// Writes package-lock.json anew. npm from 11.7 on leaves out the binaries of other platforms, which `npm ci` then misses
// (npm/cli#9846); addresses are taken out, so that the file serves any registry.
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';

rmSync('package-lock.json', { force: true });
execFileSync('npx', ['-y', 'npm@11.6.2', 'install', '--package-lock-only', '--omit-lockfile-registry-resolved=false'], {
	stdio: 'inherit',
});
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const entry of Object.values(lock.packages)) {
	delete entry.resolved;
}
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, '\t')}\n`);
