import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { root } from '../packages.mjs';

/** Thrown where the demo was interrupted; nothing of it is left running. */
export class Interrupted extends Error {}

/**
 * The folder in which the demo happens: a temporary one, or the one to keep, which must not exist or be empty. All that
 * the demo runs has its HOME in there and no git configuration but its own.
 */
export function openPlace({ keep, node, signal }) {
	const folder = keep === undefined ? mkdtempSync(join(realpathSync(tmpdir()), 'homeport-demo-')) : openKept(keep);
	const user = join(folder, 'user');
	const settings = {
		HOME: user,
		XDG_CONFIG_HOME: join(user, '.config'),
		XDG_CACHE_HOME: join(user, '.cache'),
		GIT_CONFIG_NOSYSTEM: '1',
	};
	const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|XDG_|HOMEPORT_)/.test(name));
	const env = { ...Object.fromEntries(kept), ...settings, ...identity('You'), LC_ALL: 'C' };
	mkdirSync(user);
	const place = {
		folder,
		/** The environment of all that runs here. */
		env,
		home: join(folder, 'home'),
		sessions: { alpha: join(folder, 'alpha'), beta: join(folder, 'beta') },
		/** Runs the real command line in home; `{ code, out, err, both }`, whatever it ends with. */
		homeport: (...args) => run(node, [join(root, 'dist/cli.js'), ...args], { cwd: place.home, env, signal }),
		/** Runs plain git in a folder; its stdout as bytes. Throws where git fails. */
		async git(cwd, args, name = 'You') {
			const ended = await run('git', args, { cwd, env: { ...env, ...identity(name) }, signal });
			if (ended.code !== 0) {
				throw new Error(`git ${args.join(' ')} in ${cwd} ended with ${ended.code}: ${ended.err.trim()}`);
			}
			return ended.stdout;
		},
		/** Writes a `homeport` command that works on the demo's own settings; returns its path. */
		writeCommand() {
			const path = join(folder, 'homeport');
			const exports = Object.entries(settings).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
			const text = `#!/bin/sh\n${exports.join('')}exec ${quoted(node)} ${quoted(join(root, 'dist/cli.js'))} "$@"\n`;
			writeFileSync(path, text, { mode: 0o755 });
			return path;
		},
		/** Removes all that the demo made. */
		remove() {
			for (const name of keep === undefined ? [''] : readdirSync(folder)) {
				rmSync(join(folder, name), { recursive: true, force: true, maxRetries: 5 });
			}
		},
	};
	return place;
}

function openKept(keep) {
	const folder = resolve(keep);
	if (existsSync(folder) && readdirSync(folder).length > 0) {
		throw new Error(`${folder} is not empty; name a folder that is, or one that does not exist`);
	}
	mkdirSync(folder, { recursive: true });
	return realpathSync(folder);
}

/** Fails where git is missing or older than what home needs. */
export function requireGit() {
	const [, major, minor] =
		/(\d+)\.(\d+)/.exec(spawnSync('git', ['--version'], { encoding: 'utf8' }).stdout ?? '') ?? [];
	if (major === undefined) {
		throw new Error('git could not be started: install git 2.38 or newer');
	}
	if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 38)) {
		throw new Error(`git ${major}.${minor} is too old: git 2.38 or newer is needed`);
	}
}

/** Runs a process to its end; throws `Interrupted` after its end where the signal was raised meanwhile. */
export function run(command, args, { cwd, env, signal }) {
	return new Promise((done, fail) => {
		if (signal.aborted) {
			throw new Interrupted();
		}
		const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
		const stdout = [];
		const stderr = [];
		const both = [];
		const stop = () => child.kill('SIGTERM');
		signal.addEventListener('abort', stop);
		child.stdout.on('data', (chunk) => stdout.push(chunk) && both.push(chunk));
		child.stderr.on('data', (chunk) => stderr.push(chunk) && both.push(chunk));
		child.once('error', (error) => {
			signal.removeEventListener('abort', stop);
			fail(new Error(`${command} could not be started: ${error.message}`));
		});
		child.once('close', (code, killedBy) => {
			signal.removeEventListener('abort', stop);
			if (signal.aborted) {
				fail(new Interrupted());
				return;
			}
			const text = (chunks) => Buffer.concat(chunks).toString('utf8');
			const ending = { code: code ?? killedBy, stdout: Buffer.concat(stdout) };
			done({ ...ending, out: text(stdout), err: text(stderr), both: text(both) });
		});
	});
}

function identity(name) {
	const email = `${name.toLowerCase()}@example.com`;
	return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

/** A path as one word of a POSIX shell. */
export function shellWord(path) {
	return /^[\w./-]+$/.test(path) ? path : quoted(path);
}

function quoted(text) {
	return `'${text.replaceAll("'", `'\\''`)}'`;
}
