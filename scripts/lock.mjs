// Writes package-lock.json anew. npm from 11.7 on leaves out the binaries of other platforms, which `npm ci` then misses
// (npm/cli#9846), and so does any npm beside packages that are installed: it runs in a folder of its own. Addresses are
// taken out, so that the file serves any registry.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'homeport-lock-'));
try {
	copyFileSync('package.json', join(folder, 'package.json'));
	const args = ['-y', 'npm@11.6.2', 'install', '--package-lock-only', '--omit-lockfile-registry-resolved=false'];
	execFileSync('npx', args, { cwd: folder, stdio: 'inherit' });
	const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
	for (const entry of Object.values(lock.packages)) {
		delete entry.resolved;
	}
	writeFileSync('package-lock.json', `${JSON.stringify(lock, null, '\t')}\n`);
} finally {
	rmSync(folder, { recursive: true, force: true });
}
