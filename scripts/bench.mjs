import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, findNode, root } from './packages.mjs';

const usage = `npm run bench [-- --only NAME]… [--quick] [--runs N]

Measures Homeport beside git and tar, checks every result, and prints tables; nothing of yours is touched. Takes some
minutes and 6 GB in the folder for temporary files (TMPDIR). --quick is smaller in all and takes a minute.
`;

const values = readArguments();
ensurePackages();
const { node, env } = findNode();
const built = spawnSync(node, ['esbuild.mjs', '--tests'], { cwd: root, env, stdio: ['ignore', 'ignore', 'inherit'] });
if (built.status !== 0) {
	throw new Error('the build failed', { cause: built.error });
}
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-bench-')));
const user = join(folder, 'user');
mkdirSync(user);
// No housekeeping of git in the background while something else is timed.
writeFileSync(join(user, '.gitconfig'), '[user]\n\tname = User\n\temail = user@localhost\n[gc]\n\tauto = 0\n');
const args = [join(root, 'out/bench/main.js'), '--folder', folder];
for (const [name, value] of Object.entries(values)) {
	for (const one of [value].flat()) {
		args.push(`--${name}`, ...(one === true ? [] : [one]));
	}
}
const child = spawn(node, ['--enable-source-maps', ...args], { env: ownEnvironment(), stdio: 'inherit' });
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(name, () => child.kill(name));
}
child.on('error', (error) => process.stderr.write(`${error.message}\n`));
child.on('close', (code) => {
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	process.exitCode = code ?? 1;
});

// Nothing that the user has set for git or Homeport, and nothing that is written there.
function ownEnvironment() {
	const kept = Object.entries(env).filter(([name]) => !/^(?:GIT_|XDG_)/.test(name));
	return {
		...Object.fromEntries(kept),
		HOME: user,
		XDG_CONFIG_HOME: join(user, '.config'),
		XDG_CACHE_HOME: join(user, '.cache'),
		GIT_CONFIG_NOSYSTEM: '1',
		LC_ALL: 'C',
	};
}

function readArguments() {
	try {
		const options = {
			only: { type: 'string', multiple: true },
			quick: { type: 'boolean' },
			runs: { type: 'string' },
			help: { type: 'boolean' },
		};
		const { values } = parseArgs({ options });
		if (values.help === true) {
			process.stdout.write(usage);
			process.exit(0);
		}
		if (values.runs !== undefined && !/^[1-9]\d?$/.test(values.runs)) {
			throw new Error('--runs is a number from 1 to 99');
		}
		return values;
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${usage}`);
		return process.exit(2);
	}
}
