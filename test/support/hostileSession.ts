import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
	appendFileSync,
	existsSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	realpathSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import { describeError } from '../../src/core/base/messages.js';
import { type Homeport, openHome } from '../../src/core/homeport.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { findingText, warningText } from '../../src/core/model/words.js';
import { Canary } from './canary.js';

/** How one call on the hostile session ended, and every word that a person would read of it. */
export interface Verdict {
	readonly outcome: string;
	/** The code of the error, or null. */
	readonly code: string | null;
	/** The codes of the findings, each once, sorted. */
	readonly findings: readonly string[];
	readonly words: string;
	readonly result: SyncResult | null;
}

export type Call = 'rescue' | 'branch' | 'overwrite';

/** What must never be read out of its folder. */
export const secretText = 'the-secret-that-must-stay-where-it-is';

/** Control characters but the newline, and what turns or hides text: none of it may be shown. */
export const unsafeText = /[^\P{Cc}\n]|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u;

const requests: Readonly<Record<'branch' | 'overwrite', SyncRequest>> = {
	branch: { strategy: 'branch', direction: 'home', branch: null, from: null },
	overwrite: { strategy: 'overwrite', direction: 'home', branch: 'main', from: null },
};

/**
 * A home with work of the user in it, a session `good`, a session `evil` for the test to spoil, and a secret repository
 * beside them; everything in one folder that goes with it. `HOME` of this process is inside it until then.
 */
export class HostileRoom {
	readonly folder: string;
	readonly home: string;
	readonly good: string;
	readonly evil: string;
	readonly secret: string;
	readonly canary: Canary;
	readonly env: NodeJS.ProcessEnv;
	readonly #ambient = { ...process.env };
	#opened: Homeport | undefined;

	constructor() {
		this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-hostile-')));
		[this.home, this.good, this.evil, this.secret] = ['home', 'good', 'evil', 'secret'].map((name) =>
			join(this.folder, name),
		) as [string, string, string, string];
		execFileSync('cp', ['-a', `${template()}/.`, this.folder]);
		this.canary = new Canary(join(this.folder, 'canary'));
		this.env = {
			PATH: process.env['PATH'],
			HOME: join(this.folder, 'user'),
			XDG_CONFIG_HOME: join(this.folder, 'user/config'),
			XDG_CACHE_HOME: join(this.folder, 'user/cache'),
		};
		Object.assign(process.env, this.env);
	}

	dispose(): void {
		for (const name of ['HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'PATH']) {
			const value = this.#ambient[name];
			if (value === undefined) {
				delete process.env[name];
			} else {
				process.env[name] = value;
			}
		}
		rmSync(this.folder, { recursive: true, force: true });
	}

	/** Runs git with nothing of the session's or the machine's switched on; stdout without the last newline. */
	git(dir: string, ...args: readonly string[]): string {
		return plainGit(dir, args);
	}

	gitWith(dir: string, input: string | Buffer, ...args: readonly string[]): string {
		return plainGit(dir, args, input);
	}

	/** Writes a file of the hostile session, its folders with it. */
	write(path: string, content: string | Buffer): void {
		mkdirSync(dirname(join(this.evil, path)), { recursive: true });
		writeFileSync(join(this.evil, path), content);
	}

	/** Adds lines to the hostile session's configuration as they are. */
	configure(text: string): void {
		appendFileSync(join(this.evil, '.git/config'), text);
	}

	commitAll(message = 'more'): string {
		this.git(this.evil, 'add', '-A');
		this.git(this.evil, 'commit', '-q', '--allow-empty', '-m', message);
		return this.git(this.evil, 'rev-parse', 'HEAD');
	}

	/** Sets numbers under `homeport.limits` of home's configuration. */
	limit(limits: Readonly<Record<string, number>>): void {
		mkdirSync(join(this.home, '.claude/sync'), { recursive: true, mode: 0o700 });
		writeFileSync(join(this.home, '.claude/sync/sync-config.json'), JSON.stringify({ homeport: { limits } }));
	}

	async open(): Promise<Homeport> {
		this.#opened ??= await openHome({ repo: this.home, env: this.env });
		return this.#opened;
	}

	/** Registers both sessions; the hostile one before it shows its face, as an agent would. */
	async add(evil = this.evil): Promise<void> {
		const homeport = await this.open();
		await homeport.add('good', this.good, 'claude');
		await homeport.add('evil', evil, 'claude');
	}

	/** Calls on the hostile session, accepting every warning. */
	async attack(...calls: readonly Call[]): Promise<Verdict[]> {
		const verdicts: Verdict[] = [];
		for (const call of calls) {
			verdicts.push(await this.call('evil', call));
		}
		return verdicts;
	}

	async call(name: string, call: Call): Promise<Verdict> {
		const homeport = await this.open();
		try {
			const session = await homeport.find(name);
			const result =
				call === 'rescue'
					? await homeport.rescue(session)
					: await homeport.sync(session, requests[call], (plan) =>
							Promise.resolve({ proceed: true, accepted: plan.warnings.map((warning) => warning.code) }),
						);
			return verdictOf(result);
		} catch (error) {
			const { message, next } = describeError(error, 'cli');
			const code = isHomeportError(error) ? error.code : 'not-ours';
			return { outcome: 'thrown', code, findings: [], words: `${message} ${next ?? ''}`, result: null };
		}
	}

	/** Everything of the user's in home: refs, HEAD, index, files, configuration, hooks. */
	portrait(): Portrait {
		return portraitOf(this.home);
	}

	/**
	 * What the calls did beside what their plans said, and whether the other session of this home can still be synced.
	 * Equal to {@link harmless} where nothing ran, leaked, changed or was left behind.
	 */
	async aftermath(before: Portrait, verdicts: readonly Verdict[]): Promise<Aftermath> {
		const moved = verdicts.flatMap((verdict) =>
			verdict.outcome === 'synced' ? (verdict.result?.refs ?? []).filter((change) => change.action !== 'keep') : [],
		);
		const after = this.portrait();
		const refs = { ...before.refs, ...Object.fromEntries(moved.map((change) => [change.ref, change.to ?? ''])) };
		const changesFiles = moved.some((change) => change.worktree !== null);
		const users = changesFiles
			? ['local.txt', 'notes.txt', 'staged.txt']
			: Object.keys({ ...before.files, ...after.files });
		const changed = [
			...differences(refs, after.refs),
			...users.filter((path) => before.files[path] !== after.files[path]),
			...differences(before.git, after.git),
			...(before.head === after.head ? [] : ['HEAD']),
			...(before.index === after.index || changesFiles ? [] : ['index']),
		];
		const left = filesIn(join(this.home, '.git')).filter((path) =>
			/^homeport\/quarantine\/|\.(?:lock|keep)$/.test(path),
		);
		const ran = this.canary.ran();
		this.canary.forget();
		this.limit({});
		const good = await this.call('good', 'branch');
		const branch = this.portrait().refs['refs/heads/claude/good'];
		const arrived = branch === this.git(this.good, 'rev-parse', 'HEAD');
		return {
			ran: [...ran, ...this.canary.ran()],
			leaks: this.leaks(),
			changed,
			left,
			good: arrived ? good.outcome : `${good.outcome}: ${good.words}`,
		};
	}

	/** Where home knows something of the secret: objects, files, refs. Empty where it does not. */
	leaks(): string[] {
		const found: string[] = [];
		const objects = execFileSync('git', ['cat-file', '--batch-all-objects', '--batch', '--buffer'], {
			cwd: this.home,
			env: plainEnv(),
			maxBuffer: 1024 ** 3,
		});
		if (objects.includes(secretText)) {
			found.push('an object of home');
		}
		for (const path of filesIn(this.home).filter((path) => lstatSync(join(this.home, path)).isFile())) {
			const full = join(this.home, path);
			if (lstatSync(full).size < 1024 ** 2 && readFileSync(full).includes(secretText)) {
				found.push(path);
			}
		}
		return found;
	}

	/** Paths, kinds, sizes and times of all that stands in a folder, without opening any of it. */
	listing(folder: string): string[] {
		return (lstatSync(folder).isDirectory() ? filesIn(folder) : ['']).map((path) => {
			const { mode, size, mtimeMs, ino } = lstatSync(join(folder, path));
			return `${path} ${mode.toString(8)} ${size} ${mtimeMs} ${ino}`;
		});
	}
}

export interface Aftermath {
	/** Labels of the canaries that ran. */
	readonly ran: readonly string[];
	readonly leaks: readonly string[];
	/** Refs, files and settings of the user that are not what they were and what the plan said. */
	readonly changed: readonly string[];
	/** Locks, held packs and quarantines that were left behind. */
	readonly left: readonly string[];
	/** How the sync of the other session ended. */
	readonly good: string;
}

export const harmless: Aftermath = { ran: [], leaks: [], changed: [], left: [], good: 'synced' };

export interface Portrait {
	readonly refs: Readonly<Record<string, string>>;
	readonly head: string;
	readonly index: string;
	/** By path, a digest of what the file holds. */
	readonly files: Readonly<Record<string, string>>;
	readonly git: Readonly<Record<string, string>>;
}

function differences(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): string[] {
	return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]).sort();
}

function portraitOf(home: string): Portrait {
	const refs = plainGit(home, ['for-each-ref', '--format=%(refname) %(objectname)']).split('\n');
	const ownRefs = refs.filter((line) => !line.startsWith('refs/homeport/')).map((line) => line.split(' ', 2));
	const digest = (path: string): string => {
		const info = lstatSync(join(home, path));
		const bytes = info.isSymbolicLink() ? readlinkSync(join(home, path)) : readFileSync(join(home, path));
		return `${info.mode.toString(8)} ${createHash('sha1').update(bytes).digest('hex')}`;
	};
	const paths = filesIn(home);
	const gitFiles = paths.filter((path) => /^\.git\/(config|hooks\/|info\/|packed-refs|.*\.lock$|.*\.keep$)/.test(path));
	const files = paths.filter((path) => !/^\.git\/|^\.claude\/sync\//.test(path));
	return {
		refs: Object.fromEntries(ownRefs),
		head: readFileSync(join(home, '.git/HEAD'), 'utf8'),
		index: digest('.git/index'),
		files: Object.fromEntries(files.map((path) => [path, digest(path)])),
		git: Object.fromEntries(gitFiles.map((path) => [path, digest(path)])),
	};
}

function verdictOf(result: SyncResult): Verdict {
	const words = [
		result.error === null ? '' : describeError(result.error, 'cli').message,
		...result.findings.map((finding) => `${finding.path}: ${findingText(finding)}`),
		...result.warnings.map((warning) => warningText(warning, 'cli')),
	];
	return {
		outcome: result.outcome,
		code: isHomeportError(result.error) ? result.error.code : result.error === null ? null : 'not-ours',
		findings: [...new Set(result.findings.map((finding) => finding.code))].sort(),
		words: words.filter((text) => text !== '').join('\n'),
		result,
	};
}

/** Every path below a folder that is no folder itself, sorted; links are not followed. */
function filesIn(folder: string, below = ''): string[] {
	const paths: string[] = [];
	for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
		const path = below === '' ? entry.name : `${below}/${entry.name}`;
		if (entry.isDirectory()) {
			paths.push(...filesIn(folder, path));
		} else {
			paths.push(path);
		}
	}
	return paths.sort();
}

function plainEnv(): NodeJS.ProcessEnv {
	return {
		PATH: process.env['PATH'],
		HOME: '/nonexistent',
		GIT_CONFIG_GLOBAL: '/dev/null',
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_CONFIG_COUNT: '2',
		GIT_CONFIG_KEY_0: 'core.hooksPath',
		GIT_CONFIG_VALUE_0: '/dev/null',
		GIT_CONFIG_KEY_1: 'protocol.file.allow',
		GIT_CONFIG_VALUE_1: 'always',
		GIT_AUTHOR_NAME: 'Agent',
		GIT_AUTHOR_EMAIL: 'agent@localhost',
		GIT_COMMITTER_NAME: 'Agent',
		GIT_COMMITTER_EMAIL: 'agent@localhost',
		LC_ALL: 'C',
	};
}

function plainGit(dir: string, args: readonly string[], input?: string | Buffer): string {
	const ended = spawnSync('git', args, { cwd: dir, env: plainEnv(), input, maxBuffer: 1024 ** 3 });
	if (ended.status !== 0) {
		throw new Error(`git ${args.join(' ')}: ${ended.stderr?.toString('utf8') ?? String(ended.error)}`);
	}
	return ended.stdout.toString('utf8').replace(/\n$/, '');
}

let made: string | undefined;

// Built once for the process, and copied for each room.
function template(): string {
	if (made !== undefined) {
		return made;
	}
	const folder = mkdtempSync(join(tmpdir(), 'homeport-hostile-'));
	process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
	const at = (...parts: readonly string[]): string => join(folder, ...parts);
	const put = (path: string, text: string): void => {
		mkdirSync(dirname(at(path)), { recursive: true });
		writeFileSync(at(path), text);
	};
	const commit = (dir: string, message: string): void => {
		plainGit(at(dir), ['add', '-A']);
		plainGit(at(dir), ['commit', '-qm', message]);
	};
	mkdirSync(at('user/config'), { recursive: true });
	plainGit(folder, ['init', '-q', '--template=', '-b', 'main', 'home']);
	put('home/shared.txt', 'shared\n');
	put('home/local.txt', 'local\n');
	put('home/staged.txt', 'staged\n');
	commit('home', 'X');
	plainGit(at('home'), ['tag', 'v1']);
	for (const name of ['good', 'evil']) {
		plainGit(folder, ['clone', '-q', '--no-hardlinks', '--template=', 'home', name]);
		put(`${name}/${name}.txt`, `${name}\n`);
		commit(name, `work of ${name}`);
	}
	put('home/local.txt', 'stashed by the user\n');
	plainGit(at('home'), ['stash', '-q']);
	put('home/local.txt', 'changed by the user\n');
	put('home/notes.txt', 'never committed\n');
	put('home/staged.txt', 'staged by the user\n');
	plainGit(at('home'), ['add', 'staged.txt']);
	plainGit(folder, ['init', '-q', '--template=', '-b', 'private', 'secret']);
	put('secret/secret.txt', `${secretText}\n`);
	commit('secret', secretText);
	plainGit(at('secret'), ['pack-refs', '--all']);
	made = folder;
	if (existsSync(at('home/.git/hooks'))) {
		throw new Error('a template of the machine was used');
	}
	return made;
}
